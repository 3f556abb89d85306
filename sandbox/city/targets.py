"""Where the traffic goes: addresses, secrets and paths. A channel left None is not used."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.city.utterances import Channel


@dataclass(frozen=True, slots=True)
class WhatsAppTarget:
    """A webhook of the WhatsApp Cloud API."""

    url: str
    app_secret: str
    """Signs the raw bytes: `X-Hub-Signature-256`."""
    phone_number_id: str = "106540352242922"
    display_phone_number: str = "6281100009999"


@dataclass(frozen=True, slots=True)
class TwilioTarget:
    """A webhook for incoming text messages of Twilio."""

    url: str
    """Where the request goes."""
    auth_token: str
    public_url: str = ""
    """The address that is signed, as the outside world sees it; `url` when empty."""
    account_sid: str = "AC" + "0" * 31 + "1"
    number: str = "+6281100008888"
    media_url: str = "https://media.twilio.example"
    """Below which photos lie; the default is nobody's."""


@dataclass(frozen=True, slots=True)
class OpdTarget:
    """The webhook that the hospital's own system calls."""

    url: str
    api_key: str


@dataclass(frozen=True, slots=True)
class MailTarget:
    """A mail server, and the mailbox that complaints go to."""

    host: str
    port: int
    recipient: str = "lapor@muarasari.example"


@dataclass(frozen=True, slots=True)
class SqlTarget:
    """The water company's own database, an SQLite file; the table is made when it is not there."""

    path: Path


@dataclass(frozen=True, slots=True)
class FilesTarget:
    """The folder that the sub-district office drops its files into."""

    folder: Path


@dataclass(frozen=True, slots=True)
class Targets:
    """All of them."""

    whatsapp: WhatsAppTarget | None = None
    sms: TwilioTarget | None = None
    email: MailTarget | None = None
    hospital: OpdTarget | None = None
    water: SqlTarget | None = None
    subdistrict: FilesTarget | None = None

    def used(self) -> frozenset[Channel]:
        """The channels that have a target."""
        pairs = {
            Channel.WHATSAPP: self.whatsapp,
            Channel.SMS: self.sms,
            Channel.EMAIL: self.email,
            Channel.HOSPITAL: self.hospital,
            Channel.WATER: self.water,
            Channel.SUBDISTRICT: self.subdistrict,
        }
        return frozenset(channel for channel, target in pairs.items() if target is not None)
