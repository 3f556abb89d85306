"""For `muara check`: tries the sources that Muara asks by itself, and says in plain words what it finds there."""

from collections.abc import AsyncIterator, Callable, Sequence
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
from connectors.source import Source
from connectors.sql.agency import AgencyTable, AgencyUnavailable, TableMisfit
from connectors.sql.settings import BadTableSettings, database_url, table_settings


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found at one source."""

    source: str
    ok: bool
    words: str


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
    for source in (*by_transport(sources, "imap"), *by_transport(sources, "kafka")):
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
        if source.channel.recipe.receive.transport == "imap":
            return await try_mailbox(source, clock)
        return await try_topic(source)
    except (BadMailboxSettings, BadTopicSettings):
        return []  # told by `connectors.checks` already
