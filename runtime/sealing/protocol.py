"""The port through which everything personal passes before it is written anywhere."""

from typing import Protocol


class SealingError(Exception):
    """Something sealed cannot be opened: another key, another context, or it was altered."""


class Sealing(Protocol):
    """Seals for a subject (whose data it is: a message, later a person) and a field (which part of it)."""

    def seal(self, data: bytes, *, subject: str, field: str) -> str:
        """Encrypt to a token that is safe on the log and in tables; opened only with the same subject and field."""
        ...

    def open(self, token: str, *, subject: str, field: str) -> bytes:
        """Decrypt a token.

        Raises:
            SealingError: another key, subject or field, or an altered token.
        """
        ...

    def seal_bytes(self, data: bytes, *, subject: str, field: str) -> bytes:
        """As `seal`, without base64: for objects."""
        ...

    def open_bytes(self, data: bytes, *, subject: str, field: str) -> bytes:
        """As `open`, for objects."""
        ...

    def blind(self, purpose: str, value: str) -> str:
        """A keyed index of a value: equal values have equal indexes; without the key nothing can be read or tried."""
        ...
