"""What can be set for the transports; part of `muara.yaml`."""

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, field_validator

MIB = 1024 * 1024


class Settings(BaseModel):
    """Unknown keys are refused, since a mistyped one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class WebhookSettings(Settings):
    """HTTP in."""

    public_url: str | None = None
    """The address under which providers reach this server, such as `https://muara.kota.example`; some sign it."""
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Networks of proxies whose `X-Forwarded-Proto` and `-Host` are believed when `public_url` is not set."""
    max_body: int = Field(default=4 * MIB, ge=1024)
    """Bytes of one request; a batch of 1000 WhatsApp messages fits."""
    max_in_flight: int = Field(default=256, ge=1)
    """Requests that are read or written at the same time; for one more, the body that takes longest gives way."""
    body_timeout: float = Field(default=30.0, gt=0)
    """Seconds in which a request must have arrived whole."""
    retry_after: int = Field(default=5, ge=1)
    """Seconds after which a provider that could not be served is asked to come again."""

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("public_url begins with https:// (or http:// on a test machine)")
        return value.rstrip("/") if value else None


class SmtpSettings(Settings):
    """Mail in."""

    host: str = "127.0.0.1"
    port: int = Field(default=2525, ge=0, le=65535)
    """0 takes a free port."""
    hostname: str = "muara.localhost"
    """How the server names itself."""
    max_size: int = Field(default=25 * MIB, ge=1024)
    """Bytes of one mail."""
    max_connections: int = Field(default=100, ge=1)
    """Connections at a time. For one more, the one that only sits there gives way; if none does, it is answered 421."""
    max_connections_per_address: int = Field(default=50, ge=1)
    """Of them, from one address (of IPv6: one network of 64 bits); whoever hands over mails of others may need more."""
    timeout: float = Field(default=300.0, gt=0)
    """Seconds in which a command, or a whole mail, must have arrived (RFC 5321 4.5.3.2)."""


class MediaSettings(Settings):
    """Files that messages only name."""

    allow: tuple[IPvAnyNetwork, ...] = ()
    """Addresses that may be asked although they are not public, such as `127.0.0.1` in a test, or an agency's own
    server. Whoever can write to a channel can then have anything fetched from there."""
    max_size: int = Field(default=25 * MIB, ge=1024)
    """Bytes of one file; a larger one is not kept."""
    timeout: float = Field(default=120.0, gt=0, le=240)
    """Seconds in which a file must have arrived whole."""
    pause: float = Field(default=15.0, gt=0)
    """Seconds without a byte after which a server is given up."""
    concurrency: int = Field(default=4, ge=1, le=32)
    """Files of one source that are fetched at a time."""
    attempts: int = Field(default=30, ge=1)
    """Failed tries after which a file is given up; with the waits between them, about a day."""


class ConnectorSettings(Settings):
    """All transports."""

    webhook: WebhookSettings = WebhookSettings()
    smtp: SmtpSettings | None = None
    """None: no mail server, whatever the sources are."""
    media: MediaSettings = MediaSettings()
    folder_interval: float = Field(default=2.0, gt=0)
    """Seconds between two looks into a drop folder."""
    lease: float = Field(default=30.0, ge=1)
    """Seconds without a sign of life after which another process takes over the tables and folders of this one."""
    max_in_flight: int = Field(default=512, ge=1)
    """Deliveries of all transports that wait for the log at the same time."""
    log_timeout: float = Field(default=10.0, gt=0)
    """Seconds that the log may take to acknowledge one delivery."""
    spool_records: int = Field(default=200_000, ge=1)
    """Messages that may wait on this machine while Kafka is away; then senders are asked to come again."""
    spool_bytes: int = Field(default=512 * MIB, ge=MIB)
    """Bytes of them, about."""
