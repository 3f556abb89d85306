"""The compiled `attachments:` of a recipe: files by address, by the provider's id, or in the message itself."""

import base64
import binascii
import re
from collections.abc import Iterator

from recipes.compiling import Compiler
from recipes.fields import identifier_of, named, text_of
from recipes.functions import kind, to_number
from recipes.map_model import AttachmentMap
from recipes.mapped import MappedAttachment, MappingError, Value
from recipes.paths import Context, holds, present


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
    if not present(value):
        return None
    try:
        return base64.b64decode(re.sub(r"\s+", "", value), validate=True) if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        raise MappingError("attachments: the content of a file is not base64") from None


def _whole(value: Value) -> int | None:
    number = to_number(value)
    return int(number) if number is not None and number >= 0 else None
