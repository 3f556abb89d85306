"""Faults in the configuration of sources, found before they cost a message."""

from collections.abc import Iterable, Iterator, Sequence

from connectors.imap.settings import BadMailboxSettings, mailbox_settings
from connectors.installed import TransportNames, installed
from connectors.kafka_source.settings import BadTopicSettings, cluster
from connectors.rest.settings import BadRestSettings, rest_settings
from connectors.settings import ConnectorSettings
from connectors.smpp.settings import BadSmscSettings, smsc_settings
from connectors.smtp.mailboxes import AddressTaken, Mailboxes
from connectors.source import MissingSecret, Source
from connectors.sql.settings import BadTableSettings, database_url, table_settings
from connectors.webhook.addresses import BadAllowList, allow_list

TRANSPORTS = TransportNames()
"""The transports that exist, those of other packages among them; recipes name one of them."""


class BadSources(ValueError):
    """The sources cannot be served as they are configured; says why, one fault a line."""


def by_transport(sources: Iterable[Source], transport: str) -> list[Source]:
    """The sources whose recipe names a transport."""
    return [source for source in sources if source.channel.recipe.receive.transport == transport]


def faults(sources: Sequence[Source], settings: ConnectorSettings) -> list[str]:
    """What makes it impossible to start."""
    own = [*_names(sources), *_mail(sources, settings), *_tables(sources), *_apis(sources), *_mailboxes(sources)]
    return [*own, *_topics(sources), *_accounts(sources), *_others(sources)]


def missing_secrets(sources: Iterable[Source]) -> list[str]:
    """Secrets that recipes ask for and sources lack. Such a source refuses everything, or asks for nothing; the others
    work.
    """
    found = []
    for source in sources:
        for name in _secrets(source):
            try:
                source.live_secrets(name)
            except MissingSecret as error:
                found.append(str(error))
    return found


def _secrets(source: Source) -> Sequence[str]:
    receive = source.channel.recipe.receive
    if receive.transport != "imap":
        return receive.secrets if receive.transport in ("webhook", "rest", "smpp") else ()
    try:
        return mailbox_settings(source).secrets
    except BadMailboxSettings:
        return ()  # one of the `faults`


def _names(sources: Sequence[Source]) -> Iterator[str]:
    seen: dict[str, Source] = {}
    for source in sources:
        transport = source.channel.recipe.receive.transport
        if transport not in TRANSPORTS:
            yield f'source "{source.id}": there is no transport "{transport}"; use one of {", ".join(TRANSPORTS)}'
        if seen.setdefault(f"id {source.id}", source) is not source:
            yield f'two sources are called "{source.id}": give each its own id'
    for source in by_transport(sources, "webhook"):
        if seen.setdefault(f"route {source.route}", source) is not source:
            yield f'source "{source.id}" has the address of another source, /in/{source.route}: give it another `path`'
        limit = source.options.get("max_body", 1)
        if not isinstance(limit, int) or limit < 1:
            yield f'source "{source.id}": `max_body` is a number of bytes, not {limit!r}'
        try:
            allow_list(source)
        except BadAllowList as error:
            yield str(error)


def _mail(sources: Sequence[Source], settings: ConnectorSettings) -> Iterator[str]:
    mail = by_transport(sources, "smtp")
    if mail and settings.smtp is None:
        yield f'source "{mail[0].id}" receives mail, but there is no mail server: add `smtp:` to the settings'
    try:
        Mailboxes(mail)
    except AddressTaken as error:
        yield str(error)


def _tables(sources: Sequence[Source]) -> Iterator[str]:
    for source in by_transport(sources, "sql"):
        try:
            table_settings(source)
            database_url(source)
        except BadTableSettings as error:
            yield str(error)


def _apis(sources: Sequence[Source]) -> Iterator[str]:
    for source in by_transport(sources, "rest"):
        try:
            rest_settings(source)
        except BadRestSettings as error:
            yield str(error)


def _mailboxes(sources: Sequence[Source]) -> Iterator[str]:
    for source in by_transport(sources, "imap"):
        try:
            mailbox_settings(source)
        except BadMailboxSettings as error:
            yield str(error)


def _topics(sources: Sequence[Source]) -> Iterator[str]:
    for source in by_transport(sources, "kafka"):
        try:
            cluster(source)
        except BadTopicSettings as error:
            yield str(error)


def _accounts(sources: Sequence[Source]) -> Iterator[str]:
    for source in by_transport(sources, "smpp"):
        try:
            smsc_settings(source)
        except BadSmscSettings as error:
            yield str(error)


def _others(sources: Sequence[Source]) -> Iterator[str]:
    for name, transport in installed().items():
        for source in by_transport(sources, name):
            yield from transport.faults(source)
