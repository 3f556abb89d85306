"""API keys: `muara_<id>_<secret>`. The configuration holds a hash of the secret; the key itself is shown once.

The secret has 256 random bits, so that a plain SHA-256 keeps it: there is nothing to guess, and nothing to slow down.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from schemas.base import Model, Slug

_PREFIX = "muara"
_NOBODY = "0" * 64


class KeyEntry(Model):
    """One key, as the configuration holds it."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{6,32}$")]
    """Which key it is; no secret."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of the secret, in hex."""
    name: str = Field(min_length=1, max_length=200)
    """Whose it is, for people."""
    agencies: tuple[Slug, ...] | None = Field(default=None, min_length=1)
    """The agencies whose complaints it may see; all when there is no list."""


class Keys:
    """The keys that are known."""

    def __init__(self, entries: Sequence[KeyEntry]) -> None:
        """Raises `ValueError` when two keys have the same id."""
        self._entries = {entry.id: entry for entry in entries}
        if len(self._entries) != len(entries):
            twice = sorted({e.id for e in entries if sum(e.id == other.id for other in entries) > 1})
            raise ValueError(f"two keys have the id {twice[0]}: remove one of them, or make a new one")

    def __bool__(self) -> bool:
        return bool(self._entries)

    def find(self, key: str) -> KeyEntry | None:
        """The entry of a key, or None. Takes the same time whatever is wrong with it."""
        prefix, _, rest = key.strip().partition("_")
        identity, _, secret = rest.partition("_")
        entry = self._entries.get(identity)
        right = hmac.compare_digest(digest(secret), entry.sha256 if entry else _NOBODY)
        return entry if right and entry is not None and prefix == _PREFIX else None


def make_key(name: str, agencies: Sequence[str] | None = None) -> tuple[str, KeyEntry]:
    """A new key for its owner, and the entry for the configuration.

    Raises:
        ValidationError: a name that is empty or too long, or an agency that is no slug.
    """
    identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    entry = KeyEntry(
        id=identity, sha256=digest(secret), name=name, agencies=None if agencies is None else tuple(agencies)
    )
    return f"{_PREFIX}_{identity}_{secret}", entry


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
