"""From bytes to a document: JSON, forms, mails and rows. Anything at all may stand in the bytes."""

import codecs
import json
import math
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from recipes.charset import Charset, text_in, utf8
from recipes.mail.limits import MailError
from recipes.mail.message import read_message
from recipes.mapped import MappingError, Value
from recipes.multipart import is_multipart_form, multipart_fields
from recipes.xml import BadXml, parse, to_data

DEPTH_LIMIT = 64
"""Lists and objects inside one another; a deeper body is an attack or an accident."""
FIELD_LIMIT = 2_000
"""Fields of a form."""
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_ESCAPED = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_FORM = "application/x-www-form-urlencoded"


def decode(
    payload: bytes,
    media_type: str,
    how: str = "auto",
    settings: Mapping[str, Value] = MappingProxyType({}),
    *,
    lenient: bool = False,
    charset: Charset | None = None,
) -> Value:
    """The document in a payload: usually an object, for JSON any value.

    :param how: `json`, `form`, `rfc822`, `xml`, `row` (one JSON object), or by media type and the first sign: `auto`,
        and `query`, where the parameters of an address are a form.
    :param settings: those of the source; see `decode_mail`.
    :param lenient: see `decode_json`.
    :param charset: see `decode_form`.
    :raises MappingError: when the payload is not what it should be. No other exception leaves.
    """
    if how in {"auto", "query"}:
        how = _guess(payload, media_type, form=how == "query")
    if how == "form":
        return decode_form(payload, charset)
    if how == "rfc822":
        return decode_mail(payload, settings)
    return decode_xml(payload) if how == "xml" else decode_json(payload, lenient=lenient)


def is_json(media_type: str) -> bool:
    """Whether a media type says JSON."""
    return media_type.endswith(("/json", "+json"))


def is_xml(media_type: str) -> bool:
    """Whether a media type says XML."""
    return media_type.endswith(("/xml", "+xml"))


def _guess(payload: bytes, media_type: str, *, form: bool = False) -> str:
    """How to read a body; `form`: as a form where nothing else shows, rather than JSON."""
    if media_type == "message/rfc822":
        return "rfc822"
    looks_like_json = payload.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}
    if looks_like_json or (is_json(media_type) and not form):
        # Many senders name the wrong type: the default of PHP's curl is a form, whatever is sent.
        return "json"
    if is_xml(media_type):
        return "xml"
    return "form" if form or media_type == _FORM or is_multipart_form(payload) else "json"


def decode_xml(payload: bytes) -> dict[str, Value]:
    """An XML document as `{root's name: content}`; see `recipes.xml`.

    :raises MappingError: when it is none, declares a document type, or is nested too deeply.
    """
    try:
        return to_data(parse(payload.lstrip(b"\xef\xbb\xbf \t\r\n")))
    except BadXml as error:
        raise MappingError(f"the body cannot be read as XML: {error}") from None


def decode_json(payload: bytes, *, lenient: bool = False) -> Value:
    """A JSON value (RFC 8259), strictly: UTF-8, no NaN, no key twice, at most `DEPTH_LIMIT` deep.

    :param lenient: of a list, one item must not spoil the others: no UTF-8 becomes U+FFFD, NaN and what is too large
        become null, of two values of a key the last one holds.
    :raises MappingError: when it is not.
    """
    # Against the rules, some old systems write UTF-16; its mark tells.
    wide = payload.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = payload.decode("utf-16") if wide else utf8(payload.removeprefix(codecs.BOM_UTF8))
    except UnicodeDecodeError as error:
        if not lenient:
            raise MappingError(f"the body is not UTF-8 (byte {error.start})") from None
        text = payload.decode("utf-16" if wide else "utf-8-sig", "replace")
    try:
        value = json.loads(text, **(_LENIENT if lenient else _STRICT))
    except MappingError:
        raise
    except RecursionError:
        raise MappingError(f"the JSON is nested deeper than {DEPTH_LIMIT} levels") from None
    except json.JSONDecodeError as error:
        raise MappingError(f"the body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}") from None
    except ValueError:
        raise MappingError("the JSON holds a number that is too long") from None
    # Counting brackets is far cheaper than walking, and settles nearly every body.
    if payload.count(b"{") + payload.count(b"[") > DEPTH_LIMIT:
        _check_depth(value)
    return value


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MappingError("the JSON names a key twice, so that one value would be lost")
    return found


def _constant(name: str) -> Value:
    raise MappingError(f"the JSON holds {name}, which is no number")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MappingError("the JSON holds a number that is too large")
    return number


def _float_or_null(text: str) -> Value:
    number = float(text)
    return number if math.isfinite(number) else None


_STRICT: Mapping[str, Any] = {"object_pairs_hook": _object, "parse_constant": _constant, "parse_float": _float}
_LENIENT: Mapping[str, Any] = {"parse_constant": lambda _name: None, "parse_float": _float_or_null}


def _check_depth(value: Value) -> None:
    layer, depth = [value], 0
    while layer:
        layer = [
            child
            for node in layer
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        depth += 1
        if depth > DEPTH_LIMIT + 1:
            raise MappingError(f"the JSON is nested deeper than {DEPTH_LIMIT} levels")


def decode_form(payload: bytes, charset: Charset | None = None) -> dict[str, Value]:
    """The fields of a form or query; a field that repeats with other values is a list of them.

    Text that is not UTF-8 is read as Windows-1252. A form with files (multipart/form-data) holds an object for each.

    :param charset: which field is written in a character set that another one names.
    :raises MappingError: when it is no form or has more than `FIELD_LIMIT` fields.
    """
    payload = payload.removeprefix(b"\xef\xbb\xbf")
    pairs = list(multipart_fields(payload)) if is_multipart_form(payload) else _url_fields(payload)
    texts = {_text(name): _text(value) for name, value in pairs if isinstance(value, bytes)} if charset else {}
    names = charset.names(texts) if charset else {}
    return _collected((field := _text(name), _text(value, names.get(field, ""))) for name, value in pairs)


def _url_fields(payload: bytes) -> list[tuple[bytes, Value]]:
    if payload.lstrip()[:1] in {b"{", b"[", b"<"}:
        raise MappingError("the body is no form: it looks like JSON or XML")
    if b"=" not in payload:
        raise MappingError("the body is no form: it holds no field=value")
    try:
        # latin-1 keeps every byte until the charset of each field is known.
        pairs = parse_qsl(
            payload.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=FIELD_LIMIT
        )
    except ValueError:
        raise MappingError(f"the form has more than {FIELD_LIMIT} fields") from None
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def _collected(pairs: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    found: dict[str, list[Value]] = {}
    for name, value in pairs:
        values = found.setdefault(name, [])
        if value not in values:
            values.append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _text(raw: Value, charset: str = "") -> Value:
    return text_in(raw, charset) if isinstance(raw, bytes) else raw


def decode_mail(payload: bytes, settings: Mapping[str, Value] = MappingProxyType({})) -> dict[str, Value]:
    """The document of a mail: see `recipes.mail.message.read_message`.

    :param settings: of these, `own_addresses`, `own_lists` and `intake_lists` (a text or a list of them) tell which
        mails are our own notifications, and which lists bring citizens' mails.
    :raises MappingError: when it cannot be read.
    """
    try:
        return read_message(
            payload,
            own_addresses=_texts(settings.get("own_addresses")),
            own_lists=_texts(settings.get("own_lists")),
            intake_lists=_texts(settings.get("intake_lists")),
        )
    except MailError as error:
        raise MappingError(str(error)) from None


def _texts(value: Value) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]


def encode(document: Value) -> bytes:
    """Compact JSON of a document that was decoded; what is no valid Unicode stays escaped, so that it survives."""
    try:
        return _COMPACT.encode(document).encode()
    except UnicodeEncodeError:
        return _ESCAPED.encode(document).encode()


def clean_text(text: str) -> str:
    r"""Text that every store accepts: NUL and lone surrogates become U+FFFD, line ends become `\n`."""
    if "\r" in text:
        text = re.sub(r"\r\n?", "\n", text)
    return (
        re.sub("[\x00\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
        if not text.isascii() or "\x00" in text
        else text
    )


def clean_part(text: str) -> str:
    r"""As `clean_text`, of a text that was cut somewhere: half of a surrogate pair at an end of it stays, for the other
    half stands in the next part, or in the one before.
    """
    first = text[:1] if "\udc00" <= text[:1] <= "\udfff" else ""
    last = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
    return f"{first}{clean_text(text[len(first) : len(text) - len(last)])}{last}"


def clean_identifier(text: str) -> str:
    """An id that every store accepts, and that stays distinct: NUL and lone surrogates are spelt out."""
    return text.strip().replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
