"""Which rows of one file are which: the same row of the same file is the same message, however often it is sent."""

import hashlib
from collections import Counter
from dataclasses import replace

from recipes.inbound import Item


class RowNames:
    """Remembers the rows of one file, 16 bytes each.

    Rows without an id of their own are told apart by their ordinal among identical ones: two honest identical rows are
    two messages, and a file that is sent again makes no third.
    """

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()
        self._ids: dict[str, bytes] = {}

    def place(self, item: Item) -> tuple[Item, int]:
        """The item and its ordinal.

        A second row with an id that another row of the file has, but with other content, would be dropped as a
        redelivery further on. It becomes a defect under a name of its own instead, so that a person sees it.
        """
        digest = hashlib.sha256(item.payload).digest()[:16]
        if item.external_id is not None:
            other = self._ids.setdefault(item.external_id, digest)
            if other == digest:
                return item, 0
            item = replace(
                item,
                external_id=None,
                defect=item.defect or "another row of this file has the same id, but says something else",
            )
        ordinal = self._seen[digest]
        self._seen[digest] += 1
        return item, ordinal
