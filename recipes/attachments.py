"""The compiled `attachments:` of a recipe: files by address, by the provider's id, or in the message itself."""

import re
from collections.abc import Iterator

from recipes.compiling import Compiler
from recipes.fields import identifier_of, named, text_of
from recipes.functions import kind, to_number
from recipes.mail.headers import decode_base64
from recipes.map_model import AttachmentMap
from recipes.mapped import MappedAttachment, MappingError, Value
from recipes.paths import Context, holds, present

_DATA_URL = re.compile(r"\s*data:[^,]{0,200};base64,", re.IGNORECASE)
_URL_SAFE = str.maketrans("-_", "+/")


class Attachments:
    """One compiled entry of `attachments:`."""

    def __init__(self, entry: AttachmentMap, compiler: Compiler, *where: str | int) -> None:
        self._each = compiler.optional(entry.each, *where, "each")
        self._when = compiler.optional(entry.when, *where, "when")
        self._fields = {
            name: expression
            for name in ("url", "media_id", "media_type", "filename", "size", "part", "content")
            if (expression := compiler.optional(getattr(entry, name), *where, name)) is not None
        }

    def found(self, document: Value, context: Context) -> Iterator[tuple[MappedAttachment, bytes | None]]:
        """Each attachment, with its content where the message holds it."""
        elements = [document] if self._each is None else named("attachments", self._each, document, context)
        if not isinstance(elements, list):
            elements = [elements] if present(elements) else []
        for element in elements:
            if self._when is not None and not holds(self._when(element, context)):
                continue
            values = {name: named("attachments", each, element, context) for name, each in self._fields.items()}
            if not any(present(value) for value in values.values()):
                if self._each is not None and present(element):
                    # Evidence must not be lost in silence because its sender renamed a field.
                    raise MappingError(f"attachments: {kind(element)} in the list has none of the fields of the recipe")
            else:
                attachment = MappedAttachment(
                    media_type=_media_type(text_of("media_type", values)),
                    filename=_filename(text_of("filename", values)),
                    url=identifier_of("url", values),
                    media_id=identifier_of("media_id", values),
                    size=_whole(values.get("size")),
                    part=_whole(values.get("part")),
                )
                yield attachment, _content(values.get("content"))


def _media_type(text: str | None) -> str | None:
    return text.split(";")[0].strip().lower() or None if text else None


def _filename(text: str | None) -> str | None:
    """The name without any path, which no sender may choose."""
    name = re.split(r"[/\\]", text)[-1].strip() if text else ""
    return name if name not in {"", ".", ".."} else None


def _content(value: Value) -> bytes | None:
    """The bytes behind base64, also behind `data:…;base64,`; of what is damaged, those that can be read.

    A file that arrived broken is no reason to lose the words that came with it.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    return decode_base64(_DATA_URL.sub("", value, count=1).translate(_URL_SAFE).encode("ascii", "ignore"))


def _whole(value: Value) -> int | None:
    """A size or number of a part; None where the sender writes something else, which says nothing of the file."""
    try:
        number = to_number(value)
    except MappingError:
        return None
    return int(number) if number is not None and number >= 0 else None
