"""What a source says about the account at an SMSC that it logs in to."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.smpp.alphabets import Default
from connectors.source import Source

PASSWORD = "password"  # noqa: S105 what it is called
"""Name of the secret."""
_FIELD = r"^[\x20-\x7e]*$"


class BadSmscSettings(ValueError):
    """The settings of a source do not describe an account; says which and what is wrong."""


class SmscSettings(BaseModel):
    """Unknown keys are left alone: the settings of a source are also what its recipe reads by `setting:`."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    host: str = Field(min_length=1)
    """The provider's server for SMPP."""
    port: int = Field(default=2775, ge=1, le=65535)
    """Its port."""
    security: Literal["none", "tls"] = "none"
    """`none`: in the clear, as most providers have it, often within a VPN; `tls`: encrypted from the first byte."""
    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; the system's authorities unless it is named."""
    system_id: str = Field(min_length=1, max_length=64, pattern=_FIELD)
    """Whom the SMSC knows us as; the password is the secret `password`."""
    system_type: str = Field(default="", max_length=64, pattern=_FIELD)
    """Where the provider wants one."""
    bind: Literal["receiver", "transceiver"] = "receiver"
    """How we log in: to receive only, or as what could also send, where the provider gives no other account."""
    address_range: str = Field(default="", max_length=64, pattern=_FIELD)
    """Which numbers are meant, where the provider wants it said."""
    addr_ton: int = Field(default=0, ge=0, le=255)
    """Type of number of `address_range`."""
    addr_npi: int = Field(default=0, ge=0, le=255)
    """Numbering plan of `address_range`."""
    alphabet: Default = "gsm"
    """What the account means by its default alphabet, `data_coding` 0."""
    enquire: float = Field(default=30.0, gt=0, le=3600)
    """Seconds between two questions whether the SMSC is still there."""
    timeout: float = Field(default=15.0, gt=0, le=300)
    """Seconds that the SMSC may take for connecting or for an answer."""
    window: int = Field(default=100, ge=1, le=2000)
    """Messages that may wait to become durable; the SMSC is asked to send more of them later."""
    again_within: float = Field(default=86_400.0, ge=0, le=7 * 86_400)
    """Seconds in which a message is sent again whose answer may not have arrived; the same words of the same sender
    are that message then."""

    @property
    def server(self) -> str:
        """Host and port, for people."""
        return f"{self.host}:{self.port}"


def smsc_settings(source: Source) -> SmscSettings:
    """The settings of a source, checked.

    Raises:
        BadSmscSettings: see there.
    """
    receive = source.channel.recipe.receive
    if receive.decode not in ("auto", "json"):
        raise BadSmscSettings(
            f'source "{source.id}": its recipe has `decode: {receive.decode}`, but a short message comes as one JSON'
            " document: leave `decode` out"
        )
    try:
        return SmscSettings.model_validate(source.options)
    except ValidationError as error:
        problems = "; ".join(": ".join([*map(str, e["loc"][:1]), e["msg"]]) for e in error.errors())
        raise BadSmscSettings(f'source "{source.id}": {problems}') from error
