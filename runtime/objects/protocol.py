"""The port for what is too large for the log and the tables."""

from typing import Protocol


class ObjectMissing(Exception):
    """No object has this key, or it was damaged: it will not come back by itself."""


class ObjectsUnavailable(Exception):
    """The storage does not take or give objects now; says why. Try again later."""


class Objects(Protocol):
    """Objects by the hash of their content: putting one twice is putting it once."""

    async def put(self, data: bytes) -> str:
        """Store durably; returns the key: the hex SHA-256 of the content.

        Raises:
            ObjectsUnavailable: it is not stored.
        """
        ...

    async def get(self, key: str) -> bytes:
        """The content.

        Raises:
            ObjectMissing: there is no such object, or it does not open.
            ObjectsUnavailable: nothing can be said of it now.
        """
        ...
