"""A home for processes that are measured: one WhatsApp number, one hub, nothing gathered."""

from pathlib import Path

from benchmarks import traffic
from benchmarks.accepted import AGENCY, SOURCE
from benchmarks.hub import TOKEN
from benchmarks.services import Room
from runtime.sealing.keyfile import make_key
from sandbox.city.geography import HOME_REGION

_CONFIG = """\
agency: {agency}
zone: Asia/Jakarta
home_region: "{region}"
{servers}
connectors:
  webhook: {{}}
sources:
  {source}:
    channel: whatsapp_cloud
    secrets: {{app_secret: BENCH_WA_APP_SECRET, verify_token: BENCH_WA_VERIFY_TOKEN}}
{hubs}
gather: {{quiet: 0, longest: 0, wait: 0}}
http: {{host: 127.0.0.1, port: 0}}
log: {{level: error}}
"""
_HUB = """\
hubs:
  sp4n:
    profile: sandbox
    url: {url}
    secrets: {{token: {token}}}
    mode: send
    poll_every: 0
    reconcile_every: 0
"""
HUB_TOKEN = "bench-token"  # noqa: S105 of a hub that forgets everything
ENVIRONMENT = {
    "BENCH_WA_APP_SECRET": traffic.SECRET,
    "BENCH_WA_VERIFY_TOKEN": "bench-verify",
    TOKEN: HUB_TOKEN,
}
"""What the processes of a home are given."""


def furnish(folder: Path, room: Room, *, hub: str | None = None) -> None:
    """Write the configuration and the key."""
    servers = f'bus: "{room.bus_url}"\nstore: "{room.store_url}"' if room.bus_url else ""
    text = _CONFIG.format(
        agency=AGENCY,
        region=HOME_REGION,
        servers=servers,
        source=SOURCE,
        hubs=_HUB.format(url=hub, token=TOKEN) if hub else "",
    )
    (folder / "muara.yaml").write_text(text, encoding="utf-8")
    make_key(folder / "master.key")
