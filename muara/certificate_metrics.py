"""Exports until when certificates hold: ours at the door, the hubs', and those with which hubs know us.

A certificate that has ended is the quietest of failures: every provider turns away from the door at the same second,
and only they know why. So it is looked at from outside, as they see it, by a handshake that takes any certificate.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import structlog
from cryptography import x509
from prometheus_client import CollectorRegistry, Gauge

from dispatcher.hub import Hub
from runtime.loops import Loop
from runtime.telemetry.health import Health

log = structlog.get_logger()

_FIRST = 30.0
"""Seconds until the first look: what is served is up by then."""
_EVERY = 3600.0
"""Seconds between two looks."""
_PATIENCE = 10.0
"""Seconds that a handshake may take."""

Of = Literal["door", "hub", "client"]
"""Whose it is: ours as providers see it at our address, a hub's, ours as a hub sees it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a certificate is to be seen."""

    of: Of
    name: str
    """The hub's, or the host's."""
    where: str | Path
    """An address (https), or a PEM file."""
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context
    """With what we speak there."""


def places(public_url: str | None, hubs: Mapping[str, Hub]) -> list[Place]:
    """All that a process has to do with."""
    found = []
    if public_url is not None and public_url.startswith("https://"):
        found.append(Place("door", urlsplit(public_url).hostname or "", public_url))
    for name, hub in hubs.items():
        if hub.base_url.startswith("https://"):
            found.append(Place("hub", name, hub.base_url, partial(_spoken, hub)))
        tls = hub.profile.model.tls
        if tls is not None and isinstance(path := hub.settings.get(tls.certificate), str):
            found.append(Place("client", name, Path(path)))
    return found


class CertificateMetrics:
    """Looks in the background."""

    def __init__(self, places: Sequence[Place], registry: CollectorRegistry) -> None:
        self._places = places
        self._next = time.monotonic() + _FIRST
        self._trouble = Health()
        self._expires = Gauge(
            "muara_certificate_expires_timestamp_seconds",
            "Until when a certificate holds, seconds since the epoch: `door` is ours as providers see it, `hub` a"
            " hub's, `client` ours as a hub sees it",
            ["of", "name"],
            registry=registry,
        )
        self._loop = Loop("certificates", self._look, Health(), idle=1.0)

    def start(self) -> None:
        """Begin."""
        if self._places:
            self._loop.start()

    async def stop(self) -> None:
        """End."""
        await self._loop.stop()

    async def _look(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _EVERY
        for place in self._places:
            part = f"{place.of} {place.name}"
            try:
                ends = await _ends(place)
            except (OSError, ValueError) as error:  # among them TimeoutError; BadHub is a ValueError
                # What was seen before still holds. Who cannot be reached is told elsewhere, when it matters.
                if self._trouble.problem(part, str(error)):
                    log.warning("certificate_not_seen", of=place.of, name=place.name, reason=str(error) or "no answer")
                continue
            self._trouble.well(part)
            self._expires.labels(place.of, place.name).set(ends)
        return False


async def _ends(place: Place) -> float:
    if isinstance(place.where, Path):
        return x509.load_pem_x509_certificate(place.where.read_bytes()).not_valid_after_utc.timestamp()
    address = urlsplit(place.where)
    context = place.context()
    # Nothing is sent, and a certificate that has ended or does not fit is just what we look for.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    async with asyncio.timeout(_PATIENCE):
        _, writer = await asyncio.open_connection(address.hostname, address.port or 443, ssl=context)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp()


def _spoken(hub: Hub) -> ssl.SSLContext:
    return hub.certificates() or ssl.create_default_context()
