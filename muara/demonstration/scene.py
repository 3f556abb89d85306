"""The stage: a home whose sources are those of the simulated city, and its hub."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from muara.demonstration.servers import Servers
from sandbox.city.geography import HOME_REGION
from sandbox.city.targets import (
    FilesTarget,
    MailTarget,
    OpdTarget,
    SqlTarget,
    Targets,
    TwilioTarget,
    WhatsAppTarget,
)

_MAILBOX = "lapor@muarasari.example"
_CONFIG = """\
# The home of a demonstration: an invented city, a simulated hub.
agency: pemkot
zone: Asia/Jakarta
home_region: "{region}"
partitions: {partitions}
{servers}
connectors:
{media}  webhook: {{}}
  smtp: {{port: 0}}
  folder_interval: 0.3

sources:
  wa-kota:
    channel: whatsapp_cloud
    agency: kominfo
    secrets: {{app_secret: DEMO_WA_APP_SECRET, verify_token: DEMO_WA_VERIFY_TOKEN{token}}}{graph}
  sms-kota:
    channel: twilio_sms
    agency: kominfo
    secrets: {{auth_token: DEMO_TWILIO_AUTH_TOKEN}}
  surel-kota:
    channel: email
    agency: kominfo
    settings: {{address: {mailbox}}}
  rsud:
    channel: opd_webhook
    agency: rsud
    secrets: {{api_key: DEMO_RSUD_API_KEY}}
  air-minum:
    channel: opd_table
    agency: pdam
    settings: {{database: "sqlite:///{water}", interval: 0.5}}
  kecamatan:
    channel: kecamatan_csv
    agency: kecamatan
    settings: {{folder: masuk/kecamatan}}

hubs:
  sp4n:
    profile: sandbox
    url: {hub}
    secrets: {{token: DEMO_HUB_TOKEN}}
    mode: send
    poll_every: 0.5

gather: {{quiet: 90, longest: 300, wait: {wait}}}
http: {{host: 127.0.0.1, port: 0}}
log: {{level: error}}
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """A stage that is set."""

    home: Path
    secrets: dict[str, str]
    """The environment of this Muara: variable → value."""
    media_url: str | None = None
    """Where photos lie that messages only name; None: nowhere."""

    @property
    def water(self) -> Path:
        """The water company's own database."""
        return self.home / "air-minum.db"

    @property
    def drop(self) -> Path:
        """Where the sub-district office puts its files."""
        return self.home / "masuk" / "kecamatan"

    def targets(self, url: str, smtp_port: int) -> Targets:
        """Where the city sends to, once the ports are known."""
        return Targets(
            whatsapp=WhatsAppTarget(f"{url}/in/wa-kota", self.secrets["DEMO_WA_APP_SECRET"]),
            sms=self._sms(f"{url}/in/sms-kota"),
            email=MailTarget("127.0.0.1", smtp_port, _MAILBOX),
            hospital=OpdTarget(f"{url}/in/rsud", self.secrets["DEMO_RSUD_API_KEY"]),
            water=SqlTarget(self.water),
            subdistrict=FilesTarget(self.drop),
        )

    def _sms(self, url: str) -> TwilioTarget:
        target = TwilioTarget(url, self.secrets["DEMO_TWILIO_AUTH_TOKEN"])
        return replace(target, media_url=f"{self.media_url}/twilio") if self.media_url else target


def make_secrets() -> dict[str, str]:
    """Secrets for one demonstration."""
    whatsapp = ("WA_APP_SECRET", "WA_VERIFY_TOKEN", "WA_ACCESS_TOKEN")
    names = (*whatsapp, "TWILIO_AUTH_TOKEN", "RSUD_API_KEY", "HUB_TOKEN", "HUB_ADMIN")
    return {f"DEMO_{name}": secrets.token_hex(16) for name in names}


def set_stage(
    home: Path,
    environment: dict[str, str],
    hub_url: str,
    *,
    wait: float = 2.0,
    partitions: int = 1,
    servers: Servers | None = None,
    media_url: str | None = None,
) -> Scene:
    """Write the configuration and the folders. `wait` is how many seconds a conversation is held; the log and the
    store are files of the home unless there are `servers`; `media_url` is where a simulation keeps the photos.
    """
    scene = Scene(home, environment, media_url)
    scene.drop.mkdir(parents=True, exist_ok=True)
    text = _CONFIG.format(
        region=HOME_REGION,
        hub=hub_url,
        water=scene.water,
        mailbox=_MAILBOX,
        wait=wait,
        partitions=partitions,
        media="  media: {allow: [127.0.0.1]}\n" if media_url else "",
        token=", access_token: DEMO_WA_ACCESS_TOKEN" if media_url else "",
        graph=f'\n    settings: {{media_url: "{media_url}/graph"}}' if media_url else "",
        servers=f'bus: "{servers.bus}"\nstore: "{servers.store}"\n' if servers else "",
    )
    (home / "muara.yaml").write_text(text, encoding="utf-8")
    return scene
