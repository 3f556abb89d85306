"""The character set of a field, where a form names it beside the text, as SMS gateways and providers of mail do."""

import json
from collections.abc import Mapping

from pydantic import model_validator

from recipes.parts import Part

_NAMES = {
    **dict.fromkeys(("UCS-2", "UCS2", "UTF-16", "UTF16", "UTF16-BE", "UTF16BE"), "utf-16-be"),
    **dict.fromkeys(("UTF16-LE", "UTF16LE", "UCS-2LE"), "utf-16-le"),
    "GSM": "utf-8",
}
"""What gateways write, and what it is: the air is big-endian, and the GSM alphabet is recoded before it leaves them."""


class Charset(Part):
    """A form in which one field is written in a character set that another field names, or one names those of all."""

    of: str | None = None
    """The field with the text."""
    named_by: str | None = None
    """The field with the name of the character set of that one, such as `UTF-16BE`."""
    named_in: str | None = None
    """The field with a JSON object: name of a field → its character set."""

    @model_validator(mode="after")
    def _is_complete(self) -> "Charset":
        if (self.of is None) != (self.named_by is None) or (self.of is None) == (self.named_in is None):
            raise ValueError("`charset` takes `of` and `named_by`, or `named_in` alone")
        return self

    def names(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        """The character set by field, as the fields of one form name them."""
        if self.of is not None and self.named_by is not None:
            return {self.of: fields.get(self.named_by, "")}
        try:
            found = json.loads(fields.get(self.named_in or "", "") or "{}")
        except (ValueError, RecursionError):
            return {}  # what cannot be read names nothing; the text is read as any other
        return {name: text for name, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}


def utf8(raw: bytes) -> str:
    """Text in UTF-8; signs beyond U+FFFF also as some systems write them, by two surrogates (CESU-8), of which a half
    that stands alone stays: an SMS may have been cut there.

    :raises UnicodeDecodeError: when it is neither.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        halves = raw.decode("utf-8", "surrogatepass")
        return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def text_in(raw: bytes, charset: str = "") -> str:
    """Text in the character set if it is known and fits; else UTF-8, else Windows-1252."""
    name = _NAMES.get(charset.strip().upper(), charset.strip())
    # Gateways name the charset of the air and yet hand over what they recoded: UTF-16 without a NUL is rare.
    recoded = name.upper().startswith("UTF-16") and b"\0" not in raw and raw.isascii()
    for candidate in ("" if recoded else name, "utf-8"):
        try:
            if candidate:
                found = utf8(raw) if candidate.lower() in {"utf-8", "utf8"} else raw.decode(candidate)
                return found.removeprefix("\ufeff")
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")
