"""What `muara check` looks at when the log is Kafka and the store is PostgreSQL. Nothing is made, nothing written."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from muara.config import Config
from muara.finding import Finding
from muara.ground import SERVICES
from muara.home import Home
from muara.lag import group_of
from muara.log_books import READERS
from runtime.bus.kafka_probe import probe
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import BusUnavailable
from runtime.bus.spool_file import look
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.migrate import versions_of
from schemas.topics import RAW, TOPICS

_OLDEST, _TESTED = 14, 15
"""Versions of PostgreSQL: the oldest that will do, and the one that Debian 12 has, which the tests ran on."""
_SKEW = 2.0
"""Seconds that the clocks of two machines may differ: leases and deadlines are kept by both."""
_PATIENCE = 5.0
_ASK = """
SELECT current_setting('server_version_num')::int AS version, clock_timestamp() AS now, pg_is_in_recovery() AS standby,
       current_user AS login, current_schema() AS place, current_setting('server_encoding') AS encoding,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_make,
       current_setting('max_connections')::int AS connections
"""


async def log_findings(home: Home, config: Config) -> AsyncIterator[Finding]:
    """Kafka: each broker, what it speaks, the topics, our rights; and what waits on this machine for it."""
    url = config.bus or ""
    try:
        settings = KafkaSettings.from_url(url, **({} if "partitions=" in url else {"partitions": config.partitions}))
    except ValueError as error:
        yield Finding("log", ok=False, words=str(error))
        return
    groups = sorted({group_of(service, topic) for service, (_, topics) in READERS.items() for topic in topics})
    async for seen in probe(settings, TOPICS, groups):
        yield Finding("log", ok=seen.ok, words=seen.words)
    try:
        spool = await look(home.spool, [RAW.name])
    except BusUnavailable as error:
        yield Finding("spool", ok=False, words=str(error))
        return
    for fault in spool.faults:
        yield Finding("spool", ok=False, words=fault)
    words = f"{spool.depth} accepted records wait on this machine for the log" if spool.depth else "nothing waits"
    yield Finding("spool", ok=True, words=words)


async def store_findings(config: Config) -> AsyncIterator[Finding]:
    """PostgreSQL: the server, its clock, our rights; and each service's tables."""
    try:
        url = make_url(config.store or "")
        store = Store(config.store or "", patience=_PATIENCE, pool_size=1)
    except (ArgumentError, ValueError, TypeError):
        words = (
            "the address does not fit: write postgresql+asyncpg://USER@HOST:PORT/DATABASE, the password in PGPASSWORD"
        )
        yield Finding("store", ok=False, words=words)
        return
    try:
        async for finding in _server(store):
            yield finding
        async for finding in tables_findings(store, always=True):
            yield finding
    except (StoreUnavailable, DBAPIError, OSError, TypeError, ValueError) as error:
        yield Finding("store", ok=False, words=_mended(str(error).splitlines()[0], url.password))
    finally:
        await store.close()


async def tables_findings(store: Store, *, always: bool) -> AsyncIterator[Finding]:
    """Each service's tables, held against this code. `always`: also those at which nothing is to be done."""
    for service in SERVICES:
        try:
            current, head = await versions_of(store, service.SERVICE, service.VERSIONS)
        except CommandError:
            words = f"the tables of the {service.SERVICE} claim several revisions at once: restore them from a backup"
            yield Finding("store", ok=False, words=words)
            continue
        where = f"the tables of the {service.SERVICE} are"
        if current == head:
            if always:
                yield Finding("store", ok=True, words=f"{where} at revision {head}, as the code")
        elif current is None:
            yield Finding("store", ok=True, words=f"{where} at no revision, the code at {head}: `muara up` makes them")
        elif head is not None and current > head:
            words = f"{where} at revision {current}, newer than the code at {head}: update this machine's Muara"
            yield Finding("store", ok=store.dialect == "postgresql", words=words)
        else:
            words = f"{where} at revision {current}, the code at {head}: `muara up` brings them up to date"
            yield Finding("store", ok=True, words=words)


async def _server(store: Store) -> AsyncIterator[Finding]:
    before = datetime.now(UTC)
    async with store.reading() as connection:
        before = datetime.now(UTC)  # connecting is not part of the question
        row = (await connection.execute(text(_ASK))).one()
        after = datetime.now(UTC)
    where = f"{store.url.host or 'localhost'}:{store.url.port or 5432}/{store.url.database or ''}"
    version = row.version // 10000
    words = (
        f"{where} answers, PostgreSQL {version}.{row.version % 10000} ({_OLDEST} or newer will do; tested: {_TESTED})"
    )
    yield Finding("store", ok=version >= _OLDEST, words=words)
    skew = (row.now - (before + (after - before) / 2)).total_seconds()
    words = f"its clock and this machine's differ by {abs(skew):.1f} s"
    if abs(skew) > _SKEW:
        words += f", more than {_SKEW:g} s: set both by a time server (chrony, systemd-timesyncd)"
    yield Finding("clock", ok=abs(skew) <= _SKEW, words=words)
    if row.standby:
        yield Finding("store", ok=False, words=f"{where} is a standby, which takes no writing: name the primary server")
    if row.encoding != "UTF8":
        words = f"{where} keeps text as {row.encoding}: make the database anew with ENCODING 'UTF8'"
        yield Finding("store", ok=False, words=words)
    if row.may_make:
        yield Finding("store", ok=True, words=f"the user {row.login} may make tables in the schema {row.place}")
    else:
        grant = f"GRANT CREATE, USAGE ON SCHEMA {row.place or 'public'} TO {row.login}"
        yield Finding("store", ok=False, words=f"the user {row.login} may not make tables: {grant}")


def _mended(words: str, password: str | None) -> str:
    """With a remedy for what is a matter of TLS, and never with a password."""
    where = words.partition(": ")[0]
    if "rejected SSL upgrade" in words:
        words = f"{where}: the server does not speak TLS: leave ssl=… out of the address, or turn TLS on there"
    elif "no encryption" in words:
        words = f"{where}: the server wants TLS from us: add ?ssl=require to the address"
    elif "CERTIFICATE_VERIFY_FAILED" in words:
        words = f"{where}: the server's certificate is not trusted here: name its authority's file in PGSSLROOTCERT"
    return words.replace(password, "…") if password else words
