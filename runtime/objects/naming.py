"""What objects are called, wherever they lie: by the hash of their content."""

import hashlib
import re

from runtime.objects.protocol import ObjectMissing

_KEY = re.compile(r"[0-9a-f]{64}")


def key_of(data: bytes) -> str:
    """The key of a content: its hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def path_of(key: str) -> str:
    """Where an object lies below its folder or prefix.

    Raises:
        ObjectMissing: this is no key.
    """
    if not _KEY.fullmatch(key):
        raise ObjectMissing(f"{key!r} is no key of an object: 64 hex digits")
    return f"{key[:2]}/{key[2:]}"
