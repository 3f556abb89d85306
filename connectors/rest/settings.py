"""What a source says about the API that is asked."""

import re
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from connectors.source import Source
from recipes.durations import span
from recipes.times import zone_named

MIB = 1024 * 1024
ALL, NOW = "all", "now"


class BadRestSettings(ValueError):
    """The settings of a source do not describe an API; says which and what is wrong."""


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not named:
        raise ValueError("`url` is the address that the recipe's paths stand below, such as https://opd.example/api")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("`url` holds no credentials and no parameters: secrets stand in `secrets:`")
    return value.rstrip("/")


def _beginning(value: str) -> str:
    if value not in (ALL, NOW) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        span(value)
    return value


class RestSettings(BaseModel):
    """Unknown keys are left alone: the settings of a source are also what its recipe reads by `setting:`."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    url: Annotated[str, AfterValidator(_address)]
    """The address below which the recipe's paths stand."""
    interval: float = Field(default=60.0, gt=0)
    """Seconds between two rounds."""
    timeout: float = Field(default=30.0, gt=0)
    """Seconds in which an answer must have arrived whole."""
    max_body: int = Field(default=8 * MIB, ge=1024)
    """Bytes of one answer, unpacked."""
    max_pages: int = Field(default=50, ge=1)
    """Pages of one round; the next one goes on from there."""
    start: Annotated[str, AfterValidator(_beginning)] = ALL
    """`all`; `now`: what is there when the source is first asked is passed over; a span such as `30d`, or a date."""
    historical: bool = False
    """Everything that it gives is from the past: nothing is sent, answered or timed."""
    authority: str | None = None
    """The PEM file of the authority that signed the server's certificate; the system's authorities without it."""

    def begins_at(self, now: datetime, zone: str) -> datetime | None:
        """Where the first round begins; None: where the recipe says."""
        if self.start in (ALL, NOW):
            return None
        if "-" in self.start:
            local = datetime.fromisoformat(self.start).replace(tzinfo=zone_named(zone))
            return local.astimezone(UTC)
        return now - span(self.start)

    def certificates(self) -> ssl.SSLContext | bool:
        """Whose certificates are believed; for plain HTTP nobody's are needed.

        Raises:
            BadRestSettings: the file of the authority cannot be used.
        """
        if not self.url.startswith("https://"):
            return False
        try:
            return ssl.create_default_context(cafile=self.authority)
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or str(error)
            raise BadRestSettings(f"the `authority` {self.authority} cannot be used: {words}") from error


def rest_settings(source: Source) -> RestSettings:
    """The settings of a source, checked.

    Raises:
        BadRestSettings: see there.
    """
    try:
        settings = RestSettings.model_validate(source.options)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()
        )
        raise BadRestSettings(f'source "{source.id}": {problems}') from error
    if settings.authority is not None:
        if not Path(settings.authority).is_absolute():
            raise BadRestSettings(f'source "{source.id}": `authority` is the absolute path of a PEM file')
        try:
            settings.certificates()
        except BadRestSettings as error:
            raise BadRestSettings(f'source "{source.id}": {error}') from error
    return settings
