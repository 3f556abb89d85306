"""The base of all models, and the scalar types that they share."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Model(BaseModel):
    """Immutable. Unknown fields are passed over, so that a consumer of this version can read events of the next."""

    # What a validation error says ends in logs, and must not quote what a citizen wrote.
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True)


def _to_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone: write 2026-11-24T10:00:00+07:00 or …Z")
    return moment.astimezone(UTC)


Instant = Annotated[datetime, AfterValidator(_to_utc)]
"""A moment, kept and written in UTC (ISO 8601)."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
"""A name that a person configures: lower-case letters, digits, `-`, `_`, `.`; at most 63 characters."""

Sealed = Annotated[str, StringConstraints(pattern=r"^v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")]
"""Ciphertext: `v1.<key id>.<base64url of nonce and AES-256-GCM ciphertext>`; opened by `runtime.sealing` alone."""
