"""Until when certificates hold: as whoever connects sees it, also when they have ended or are nobody's."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from prometheus_client import CollectorRegistry

from dispatcher.hub import PROFILES, Hub
from muara.certificate_metrics import CertificateMetrics, places
from recipes.hubs.models import HubProfile
from recipes.hubs.profile import Profile, load_profiles
from tests.certificates import Authority
from tests.outside import until

_NAME = "muara_certificate_expires_timestamp_seconds"


@pytest.fixture(autouse=True)
def _often() -> Iterator[None]:
    with patch("muara.certificate_metrics._FIRST", 0), patch("muara.certificate_metrics._EVERY", 0):
        yield


@pytest.fixture
def profile() -> Profile:
    return load_profiles([PROFILES])["sandbox"]


@pytest.fixture
async def ended(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a server whose certificate ended a week ago."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*Authority(tmp_path, timedelta(days=-7)).issue("hub"))
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


async def test_what_has_ended_is_seen_and_who_is_away_keeps_what_was_seen(ended: str, profile: Profile) -> None:
    registry = CollectorRegistry()
    hubs = {"sp4n": Hub(profile, ended), "mati": Hub(profile, "https://127.0.0.1:1"), "lama": Hub(profile, "http://x")}
    metrics = CertificateMetrics(places(ended, hubs), registry)
    metrics.start()

    def unseen() -> list[str]:
        found = {sample.labels["name"]: sample.value for family in registry.collect() for sample in family.samples}
        return [name for name in ("sp4n", "127.0.0.1") if not found.get(name, time.time()) < time.time() - 6 * 86_400]

    await until(unseen, "certificates that were not seen")
    await metrics.stop()
    seen = {tuple(each.labels.values()) for family in registry.collect() for each in family.samples}
    assert seen == {("hub", "sp4n"), ("door", "127.0.0.1")}


async def test_the_certificate_that_a_hub_knows_us_by_is_read_from_its_file(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path, timedelta(days=5)).issue("kota-contoh")
    tls = {"certificate": "client_certificate", "key": "client_key", "authority": "authority"}
    asked = {"create": {"method": "GET", "path": "/x"}, "answer": {"tracking_id": "body.id"}}
    profile = Profile(HubProfile.model_validate({"name": "p", "title": "P", "tls": tls, **asked}))
    settings = {"client_certificate": str(certificate), "client_key": str(key)}
    registry = CollectorRegistry()
    hub = Hub(profile, "https://127.0.0.1:1", settings=settings)
    metrics = CertificateMetrics(places(None, {"kementerian": hub}), registry)
    metrics.start()

    def left() -> float:
        return (registry.get_sample_value(_NAME, {"of": "client", "name": "kementerian"}) or 0) - time.time()

    await until(lambda: not 4 * 86_400 < left() < 6 * 86_400, "the file's end")
    await metrics.stop()
