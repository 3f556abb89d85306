"""What a source says about the mailbox that it reads."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from connectors.settings import MIB
from connectors.source import Source

PASSWORD, CLIENT_SECRET, REFRESH_TOKEN = "password", "client_secret", "refresh_token"
"""Names of the secrets."""
SECRETS = (PASSWORD, CLIENT_SECRET, REFRESH_TOKEN)
_LOCAL = ("127.", "localhost", "::1")
_MOVE = "move "
_SLACK = timedelta(minutes=5)
"""By which two machines' clocks may differ; servers tell no fractions of a second either."""


class BadMailboxSettings(ValueError):
    """The settings of a source do not describe a mailbox; says which and what is wrong."""


def _what_after(value: str) -> str:
    words = value.strip()
    if words in ("keep", "seen", "delete") or (words.startswith(_MOVE) and words[len(_MOVE) :].strip()):
        return words
    raise ValueError(f'"{value}" is nothing that can be done with a mail: write keep, seen, delete, or move FOLDER')


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _endpoint(value: str) -> str:
    url = urlsplit(value)
    if url.scheme == "https" or (url.scheme == "http" and str(url.hostname).startswith(_LOCAL)):
        return value
    raise ValueError(f'"{value}" is no address that secrets may be sent to: it begins with https://')


class MailboxSettings(BaseModel):
    """Unknown keys are left alone: the settings of a source are also what its recipe reads by `setting:`."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    host: str = Field(min_length=1)
    """The IMAP server, such as `imap.gmail.com`."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """993 with `security: tls`, else 143, unless it is named."""
    security: Literal["tls", "starttls", "none"] = "tls"
    """`tls`: encrypted from the first byte; `starttls`: from the first command on; `none`: in the clear."""
    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; the system's authorities unless it is named."""
    user: str = Field(min_length=1)
    """Whom the server knows us as; mostly the address."""
    auth: Literal["password", "xoauth2"] = "password"
    """`xoauth2`: with a token, which is asked for at `token_url`."""
    token_url: Annotated[str, AfterValidator(_endpoint)] | None = None
    """Where tokens are given."""
    client_id: str | None = None
    """Whom the token's endpoint knows us as."""
    scope: str | None = None
    """What is asked for there."""
    grant: Literal["client_credentials", "refresh_token"] = "client_credentials"
    """`client_credentials`: with the secret `client_secret`; `refresh_token`: with the secret of that name."""
    folders: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(default=("INBOX",), min_length=1)
    """What is read, in this order; new mail in the first one is heard of at once where the server has IDLE."""
    since: Literal["all", "now"] | date = "all"
    """What is read of mails that are there at the first start: all, none, or those that came on this day or later."""
    recent_days: float = Field(default=30.0, ge=0)
    """Mails that came this many days before the first start, or more, are from the past: kept and compared, but
    nothing about them is sent, answered or timed."""
    historical: bool = False
    """Everything that it gives is from the past."""
    after: Annotated[str, AfterValidator(_what_after)] = "keep"
    """What becomes of a mail once it is durable: `keep` (nothing is changed), `seen`, `move FOLDER`, `delete`."""
    idle: bool = True
    """Whether to use IDLE where the server has it."""
    interval: float = Field(default=60.0, gt=0)
    """Seconds between two looks, without IDLE or into folders after the first."""
    renew: float = Field(default=540.0, ge=1, le=1740)
    """Seconds after which IDLE is ended and begun again; servers hang up after 30 minutes, routers earlier."""
    max_size: int = Field(default=25 * MIB, ge=1024)
    """Bytes of one mail. Of a larger one the beginning is kept, as a dead letter that says where the mail lies."""
    timeout: float = Field(default=60.0, gt=0)
    """Seconds that the server may be silent after a command."""

    @model_validator(mode="after")
    def _is_complete(self) -> "MailboxSettings":
        if self.auth == "xoauth2":
            missing = [name for name in ("token_url", "client_id") if getattr(self, name) is None]
            if missing:
                raise ValueError(f"`auth: xoauth2` needs {' and '.join(f'`{name}:`' for name in missing)}")
        if len({_folded(name) for name in self.folders}) < len(self.folders):
            raise ValueError("`folders` names one folder twice")
        if self.target is not None and _folded(self.target) in {_folded(name) for name in self.folders}:
            raise ValueError(f'mails cannot be moved to "{self.target}", which is read itself')
        return self

    @property
    def server(self) -> str:
        """Host and port, for people."""
        return f"{self.host}:{self.real_port}"

    @property
    def real_port(self) -> int:
        """The port."""
        return self.port or (993 if self.security == "tls" else 143)

    @property
    def target(self) -> str | None:
        """The folder that mails are moved to; None when they are not."""
        return self.after[len(_MOVE) :].strip() if self.after.startswith(_MOVE) else None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the secrets that it cannot do without."""
        if self.auth == "password":
            return (PASSWORD,)
        return (CLIENT_SECRET,) if self.grant == "client_credentials" else (REFRESH_TOKEN,)

    def earliest(self, began: datetime, zone: str) -> datetime | None:
        """The moment from which on mails are read, of a folder that was first read at `began`; None: all are.

        `zone` is the IANA name of the zone in which the day of `since` begins.
        """
        if self.since == "all":
            return None
        return began - _SLACK if self.since == "now" else datetime.combine(self.since, time(), ZoneInfo(zone))


def _folded(name: str) -> str:
    return name.upper() if name.upper() == "INBOX" else name


def mailbox_settings(source: Source) -> MailboxSettings:
    """The settings of a source, checked.

    Raises:
        BadMailboxSettings: see there.
    """
    try:
        return MailboxSettings.model_validate(source.options)
    except ValidationError as error:
        problems = "; ".join(": ".join([*map(str, e["loc"][:1]), e["msg"]]) for e in error.errors())
        raise BadMailboxSettings(f'source "{source.id}": {problems}') from error
