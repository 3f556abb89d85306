"""Cursors: where a reader stands in the feed. Opaque to readers, so that their form may change."""

import base64
import binascii
import re
from dataclasses import dataclass

_FORM = re.compile(r"([0-9a-f]{1,16})\.(0|[1-9][0-9]{0,17})")


class BadCursor(Exception):
    """It is none of this feed's; says what to do."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """After a number of one feed. The feed's name is in it: numbers of another feed would skip entries in silence."""

    feed: str
    seq: int

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.feed}.{self.seq}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read a cursor.

        Raises:
            BadCursor: it was cut or made up.
        """
        try:
            found = _FORM.fullmatch(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
        except (binascii.Error, ValueError) as error:
            raise BadCursor("the cursor is damaged") from error
        if found is None:
            raise BadCursor("the cursor is damaged")
        return cls(found[1], int(found[2]))
