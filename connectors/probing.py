"""For `muara check`: tries the sources that Muara asks by itself, and says in plain words what it finds there."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.checks import by_transport
from connectors.imap.settings import BadMailboxSettings
from connectors.imap.trial import try_mailbox
from connectors.kafka_source.settings import BadTopicSettings
from connectors.kafka_source.trial import try_topic
from connectors.rest.probe import probe as probe_api
from connectors.rest.settings import BadRestSettings
from connectors.rest.trouble import RestTrouble
from connectors.smpp.settings import BadSmscSettings
from connectors.smpp.trial import try_smsc
from connectors.source import Source
from connectors.sql.agency import AgencyTable, AgencyUnavailable, TableMisfit
from connectors.sql.settings import BadTableSettings, database_url, table_settings


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found at one source."""

    source: str
    ok: bool
    words: str


_Trial = Callable[[Source, Callable[[], datetime]], Awaitable[list[tuple[bool, str]]]]
_TRIALS: Mapping[str, _Trial] = {
    "imap": try_mailbox,
    "kafka": lambda source, _: try_topic(source),
    "smpp": lambda source, _: try_smsc(source),
}
"""By transport; what was found, in words, and whether it is as it should be."""


async def probed(sources: Sequence[Source], clock: Callable[[], datetime]) -> AsyncIterator[Probed]:
    """Look at each source that is polled. Takes nothing, and changes nothing there."""
    for source in by_transport(sources, "rest"):
        try:
            words, doubts = await probe_api(source, clock)
        except BadRestSettings:
            continue  # told by `connectors.checks` already
        except RestTrouble as error:
            yield Probed(source.id, ok=False, words=str(error))
            continue
        yield Probed(source.id, ok=True, words=words)
        for doubt in doubts:
            yield Probed(source.id, ok=False, words=doubt)
    for source in [each for kind in _TRIALS for each in by_transport(sources, kind)]:
        for ok, words in await _tried(source, clock):
            yield Probed(source.id, ok=ok, words=words)
    for source in by_transport(sources, "sql"):
        try:
            table = AgencyTable(database_url(source), table_settings(source), source.zone)
        except BadTableSettings:
            continue
        try:
            await table.check()
            yield Probed(source.id, ok=True, words=f"the table {table_settings(source).table} can be read")
        except (AgencyUnavailable, TableMisfit) as error:
            yield Probed(source.id, ok=False, words=str(error))
        finally:
            await table.close()


async def _tried(source: Source, clock: Callable[[], datetime]) -> list[tuple[bool, str]]:
    try:
        return await _TRIALS[source.channel.recipe.receive.transport](source, clock)
    except (BadMailboxSettings, BadTopicSettings, BadSmscSettings):
        return []  # told by `connectors.checks` already
