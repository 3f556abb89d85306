"""The names of the columns of a file: folded as recipes write them, and checked before a row is read."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.files.lines import UnreadableFile
from recipes.channel import Channel


def words_of(channel: Channel) -> frozenset[str]:
    """Every word in the expressions of a recipe, the names of its columns among them."""
    return frozenset(re.findall(r"\w+", channel.recipe.model_dump_json(include={"receive", "map", "ignore", "dead"})))


def fold(name: str) -> str:
    """A column's name as recipes write it: `Isi Laporan ` → `isi_laporan`."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"\W+", "_", plain).strip("_")


def checked(names: Sequence[str], options: Mapping[str, Any], words: frozenset[str], *, place: str) -> list[str]:
    """The header as rows use it. `place` is where it stands, such as `line 1`.

    Options: `columns`, names that must all be there. `words` are the names that the channel may read: a file that has
    none of them is another file, or has no first line of names; read all the same, its first row would be lost.

    Raises:
        UnreadableFile: two columns have one name, or it is not the header of such a file.
    """
    header = [fold(name) or f"kolom_{index}" for index, name in enumerate(names, 1)]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise UnreadableFile(
            f'{place}: two columns are called "{twice[0]}". The first line names the columns, each by another name'
        )
    missing = [name for name in map(fold, options.get("columns", ())) if name not in header]
    if missing or (words and not words.intersection(header)):
        what = f"the column {', '.join(missing)}" if missing else "any column that the channel reads"
        raise UnreadableFile(
            # The names are not quoted: without a first line of names they would be somebody's complaint.
            f"the file does not have {what}. Is it the right file for this source, and is its first line the names"
            " of the columns?"
        )
    return header
