"""Looks at a Kafka cluster without making or writing anything: who answers, what it speaks, what we may do there."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]
from aiokafka.conn import create_conn  # type: ignore[import-untyped]
from aiokafka.errors import (  # type: ignore[import-untyped]
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAlreadyExistsError,
    UnsupportedSaslMechanismError,
    for_code,
)
from aiokafka.protocol.metadata import MetadataRequest  # type: ignore[import-untyped]

from runtime.bus.kafka import quieten
from runtime.bus.kafka_clients import stop_admin
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.kafka_topics import compare, configuration
from runtime.bus.protocol import BusUnavailable
from schemas.topics import Topic

_PATIENCE = 4.0
"""Seconds for one broker to answer."""
_FETCH = 1
"""The number of Kafka's request for records; its newest form tells the age of a broker (KIP-35)."""
_OLDEST_FETCH = 12
TESTED = "4.3.1"
"""The version that Muara's own tests run."""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at."""

    ok: bool
    words: str


async def probe(settings: KafkaSettings, topics: Sequence[Topic], groups: Sequence[str]) -> AsyncIterator[Look]:
    """Look at every broker that is named or advertised, then at topics and rights. `groups`: without the prefix."""
    quieten()
    try:
        named = {server: await _broker(settings, server) for server in settings.servers}
    except OSError as error:
        files = ", ".join(str(file) for file in (settings.ca_file, settings.cert_file, settings.key_file) if file)
        yield Look(ok=False, words=f"a certificate cannot be read ({files}): {error.strerror}")
        return
    for each in named.values():
        yield each
    if not any(each.ok for each in named.values()):
        return
    admin = AIOKafkaAdminClient(**settings.client(patience=_PATIENCE))
    try:
        async with asyncio.timeout(4 * _PATIENCE):
            await admin.start()
            for server in await _advertised(admin):
                if server not in named:
                    look = await _broker(settings, server)
                    hint = "" if look.ok else "; the brokers advertise this address (advertised.listeners)"
                    yield Look(look.ok, f"{look.words}{hint}")
            for look in await _topics(admin, settings, topics):
                yield look
            for look in await _groups(admin, settings, groups):
                yield look
    except (KafkaError, OSError, BusUnavailable) as error:  # among them TimeoutError
        yield Look(ok=False, words=f"{settings.shown} stopped answering: {str(error) or type(error).__name__}")
    finally:
        await stop_admin(admin)


def explain(error: BaseException, server: str, settings: KafkaSettings) -> str:
    """Why a broker could not be spoken to, and what to do about it; never with a password."""
    remedies: list[tuple[type[BaseException], str]] = [
        (socket.gaierror, "there is no such host: correct the address, or this machine's name service"),
        (ConnectionRefusedError, "nobody listens there: is the broker running, and is the port right?"),
        (SaslAuthenticationFailed, "the user or the password is wrong: correct USER:PASSWORD@ in the address"),
        (IllegalSaslStateError, "it asks for no password there: leave USER:PASSWORD@ out, or name its other port"),
        (
            UnsupportedSaslMechanismError,
            f"it does not know {settings.mechanism}: name another with ?mechanism=SCRAM-SHA-256",
        ),
        (ssl.SSLCertVerificationError, "its certificate is not trusted here: name the authority's file with ?ca=FILE"),
        (TimeoutError, "it does not answer: is a firewall in between, or is it overloaded?"),
    ]
    for kind, words in remedies:
        if isinstance(error, kind):
            return f"{server}: {words}"
    if isinstance(error, ssl.SSLError | ConnectionResetError) and settings.tls:
        return f"{server}: it does not speak TLS there: write kafka:// instead of kafka+tls://, or name its TLS port"
    if isinstance(error, KafkaConnectionError | ConnectionResetError):
        return f"{server}: it hung up: does it speak TLS there (then write kafka+tls://), is it a Kafka at all?"
    return f"{server}: {str(error) or type(error).__name__}"


async def _broker(settings: KafkaSettings, server: str) -> Look:
    """Connect to one broker, and ask it something that only who was let in is told."""
    options = settings.client(patience=_PATIENCE)
    for name in ("bootstrap_servers", "retry_backoff_ms", "metadata_max_age_ms"):
        del options[name]
    host, _, port = server.rpartition(":")
    connection: Any = None
    try:
        async with asyncio.timeout(_PATIENCE + 1):
            connection = await create_conn(host.strip("[]"), int(port), **options)
            await connection.send(MetadataRequest([]))
    except (KafkaError, OSError) as error:  # among them TimeoutError
        if connection is not None and isinstance(error, KafkaConnectionError) and settings.user is None:
            return Look(ok=False, words=f"{server}: it wants to know who we are: write USER:PASSWORD@ into the address")
        return Look(ok=False, words=explain(error, server, settings))
    finally:
        if connection is not None:
            connection.close()
    return _version(server, connection._versions)  # noqa: SLF001 there is no public way


def _version(server: str, spoken: Mapping[int, tuple[int, int]]) -> Look:
    """A broker does not tell its version; what it speaks does, about."""
    oldest, newest = spoken.get(_FETCH, (0, 0))
    names = {12: "2.7 to 3.0", 13: "3.1 to 3.4", 14: "3.5 or 3.6", 15: "3.5 or 3.6", 16: "3.7 or 3.8"}
    if newest < _OLDEST_FETCH:
        return Look(ok=False, words=f"{server} answers, but speaks as a Kafka before 2.7: use 2.8 or newer")
    name = names.get(newest) or ("4.1 or newer" if newest >= 18 else "4.0" if oldest else "3.9")
    return Look(ok=True, words=f"{server} answers, and speaks as Kafka {name} (2.8 or newer will do; tested: {TESTED})")


async def _advertised(admin: Any) -> list[str]:  # noqa: ANN401 untyped
    metadata = await admin._get_cluster_metadata([])  # noqa: SLF001 there is no public way
    return [f"{host}:{port}" for _, host, port, *_ in metadata.brokers]


async def _topics(admin: Any, settings: KafkaSettings, topics: Sequence[Topic]) -> list[Look]:  # noqa: ANN401 untyped
    wanted = {settings.prefix + topic.name: topic for topic in topics}
    there = set(await admin.list_topics())
    missing = {name: topic for name, topic in wanted.items() if name not in there}
    found = []
    if present := [topic for name, topic in wanted.items() if name in there]:
        differences = await compare(admin, settings, present)
        found += [Look(not one.unsafe, f"{one.topic}: {one.words}. {one.remedy}") for one in differences]
        if not differences:
            words = (
                f"{len(present)} topics are as wanted: {settings.partitions} partitions, {settings.replication} copies"
            )
            found.append(Look(ok=True, words=words))
    if missing and not settings.make_topics:
        found.append(Look(ok=False, words=f"there is no {', '.join(missing)}, and make_topics is off: make them"))
    elif missing:
        found += await _may_make(admin, settings, missing)
    return found


async def _may_make(admin: Any, settings: KafkaSettings, missing: Mapping[str, Topic]) -> list[Look]:  # noqa: ANN401 untyped
    """Would the brokers make these topics? They are asked, and make nothing."""
    new = [
        NewTopic(name, settings.partitions, settings.replication, topic_configs=configuration(settings, topic))
        for name, topic in missing.items()
    ]
    answer = await admin.create_topics(new, validate_only=True)
    refused: dict[str, list[str]] = {}
    for name, code, words in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            refused.setdefault((words or error.__name__).rstrip("."), []).append(name)
    remedy = (
        "let this user make topics, or make them by hand and set make_topics=false; where there are too few brokers,"
        " start more, or set replication=1 for a trial"
    )
    found = [
        Look(ok=False, words=f"{', '.join(names)} would not be made ({said}): {remedy}")
        for said, names in refused.items()
    ]
    return found or [Look(ok=True, words=f"{len(missing)} topics are not there yet; `muara up` may make them")]


async def _groups(admin: Any, settings: KafkaSettings, groups: Sequence[str]) -> list[Look]:  # noqa: ANN401 untyped
    found = []
    for group in groups:
        name = settings.prefix + group
        try:
            await admin.list_consumer_group_offsets(name)
        except KafkaError as error:
            if getattr(error, "retriable", False):
                continue  # nobody has formed a group yet, and the brokers only prepare for it now
            words = f"the group {name} cannot be used ({type(error).__name__}): let this user read it"
            found.append(Look(ok=False, words=words))
    return found
