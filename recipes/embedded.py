"""Functions of recipes that open what a sender wrapped: JSON in a field of a form, a text in hexadecimal."""

import codecs
import re

from recipes.calls import Call
from recipes.decoding import decode_json
from recipes.functions import to_text
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


def json_value(call: Call) -> Expression:
    """`{json: …}`: what a text holds as JSON; anything but a text is taken as it is.

    The text must be JSON, as strictly as a body must: another one makes the message a dead letter.
    """
    inner = call.expression("json")

    def read(document: Value, context: Context) -> Value:
        found = inner(document, context)
        if not isinstance(found, str):
            return found
        if not found.strip():
            return None
        try:
            return decode_json(found.encode("utf-8", "surrogatepass"))
        except MappingError:
            raise MappingError("the field does not hold JSON") from None

    return read


def hex_text(call: Call) -> Expression:
    """`{hex: …, charset: utf-16-be}`: the text behind hexadecimal digits; None where there are no such digits."""
    inner, charset = call.expression("hex"), call.text("charset", "utf-16-be")
    try:
        codecs.lookup(charset)
    except LookupError:
        raise call.error("charset", f'there is no character set "{charset}"', "use utf-16-be or utf-8") from None

    def read(document: Value, context: Context) -> Value:
        text = (to_text(inner(document, context)) or "").strip()
        if not _HEX.fullmatch(text):
            return None
        return bytes.fromhex(text).decode(charset, "replace")

    return read
