"""Functions of recipes that open what a sender wrapped: JSON in a field, a mail in one, a text in hexadecimal."""

import base64
import codecs
import re
from urllib.parse import unquote_to_bytes

from recipes.calls import Call
from recipes.charset import text_in
from recipes.decoding import decode_json, decode_mail
from recipes.functions import kind, to_text
from recipes.mail.message import attachment_contents
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression

_NO_NAME, _LINE_END = re.compile(r"[^!-9;-~]"), re.compile(r"[\r\n]+")
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
    _known(call, charset)

    def read(document: Value, context: Context) -> Value:
        text = (to_text(inner(document, context)) or "").strip()
        if not _HEX.fullmatch(text):
            return None
        raw = bytes.fromhex(text)
        try:
            return raw.decode(charset, "surrogatepass")  # a part of an SMS may end within an emoji
        except ValueError:
            return raw.decode(charset, "replace")

    return read


def url_text(call: Call) -> Expression:
    """`{url_decoded: …, charset: utf-8}`: the text behind `%4C%61`, as an address wraps its letters."""
    inner, charset = call.expression("url_decoded"), call.text("charset", "")
    _known(call, charset)

    def read(document: Value, context: Context) -> Value:
        text = to_text(inner(document, context))
        return None if text is None else text_in(unquote_to_bytes(text.replace("+", " ")), charset)

    return read


def _known(call: Call, charset: str) -> None:
    try:
        codecs.lookup(charset or "utf-8")
    except LookupError:
        raise call.error("charset", f'there is no character set "{charset}"', "use utf-16-be or utf-8") from None


def mail(call: Call) -> Expression:
    """`{mail: …}`: the document of a mail or of its headers alone, as providers of mail hand them over.

    They come as text, or as a list of pairs or of objects with name and value, which may itself be JSON in a text.
    `from` and `subject` add those two where the provider tells them elsewhere: what no person wrote is known by them.
    With `contents: true` the attachments of a whole mail hold their `content`, in base64.
    """
    inner, contents = call.expression("mail"), call.flag("contents")
    also = {name.title(): call.expression(name) for name in ("from", "subject") if call.given(name)}

    def read(document: Value, context: Context) -> Value:
        found = inner(document, context)
        if isinstance(found, str) and found.lstrip().startswith("["):
            found = decode_json(found.encode("utf-8", "surrogatepass"))
        if isinstance(found, list):
            told = [[name, value] for name, each in also.items() if (value := to_text(each(document, context)))]
            found = "".join(_header(entry) for entry in [*found, *told]) + "\r\n"
        if found is None or (isinstance(found, str) and not found.strip()):
            return None
        if not isinstance(found, str):
            raise MappingError(f"expected a mail or its headers, found {kind(found)}")
        raw = found.encode("utf-8", "surrogatepass")
        document = decode_mail(raw, context.settings)
        if contents and document["attachments"]:
            found_parts = attachment_contents(raw)
            for attachment in document["attachments"]:
                attachment["content"] = base64.b64encode(found_parts[attachment["part"]]()).decode()
        return document

    return read


def _header(entry: Value) -> str:
    """One line of a head, from a pair or from an object with `Name` and `Value`."""
    pair = list(entry.values()) if isinstance(entry, dict) else entry
    if not isinstance(pair, list) or len(pair) < 2:
        raise MappingError("a header of the mail is neither a pair nor an object with name and value")
    name, value = ((to_text(part) or "") for part in pair[:2])
    # What providers unfolded stays one header, whatever its value holds.
    return f"{_NO_NAME.sub('', name)}: {_LINE_END.sub(' ', value)}\r\n"
