"""What recipes can do with a value once a path has found it: pure functions, each forgiving of what people type."""

import json
import math
import re
from collections.abc import Iterable

import phonenumbers

from recipes.mail import html_text
from recipes.mail.quotes import strip_quotes
from recipes.mail.signatures import strip_signature
from recipes.mapped import MappingError, Value
from recipes.paths import present

_PHONE_LABEL = re.compile(r"(?:whatsapp|telepon|telp|tel|phone|no|hp|wa|sms)[\s.:]+", re.IGNORECASE)
_JID = re.compile(r"(\d+)(?::\d+)?@(?:s\.whatsapp\.net|c\.us)")
_EMAIL = re.compile(r"[^\s@<>()\[\]\",;:]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,63}")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!|&(?:[a-zA-Z]{2,8}|#\d{2,7});")
_HTML_LIMIT = 1_000_000
_YES = frozenset({"ya", "y", "yes", "iya", "true", "benar", "1", "on", "x", "✓"})
_NO = frozenset({"tidak", "tdk", "t", "no", "n", "false", "salah", "0", "off", "-", ""})


def to_text(value: Value) -> str | None:
    """A text from a text or a number; None from null.

    :raises MappingError: for a list, an object or a truth value, which are no text.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MappingError(f"expected a text, found {kind(value)}")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def kind(value: Value) -> str:
    """The kind of a JSON value, in words."""
    names = {
        dict: "an object",
        list: "a list",
        bool: "true or false",
        str: "a text",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "nothing")


class E164(str):
    """A phone number that was read already, so that nobody reads it twice."""

    __slots__ = ()


def to_phone(value: Value, region: str = "ID", *, international: bool = False) -> E164 | None:
    """The first phone number in a field, in E.164; None when the field holds none.

    :param region: ISO 3166 country of numbers written without their country code.
    :param international: digits without a plus begin with the country code, as WhatsApp writes them.
    """
    if isinstance(value, E164):
        return value
    text = "" if isinstance(value, bool | list | dict) else (to_text(value) or "").strip()
    jid = _JID.fullmatch(text)
    if jid:
        text, international = jid[1], True
    for piece in re.split(r"[/;,|\n]|\batau\b|\bor\b", text[:200]):
        number = re.sub(r"\.0$", "", _PHONE_LABEL.sub("", piece).strip())
        if not number or re.search(r"[^\W\d_]|@", number):
            continue
        try:
            parsed = phonenumbers.parse(f"+{number.lstrip('+')}" if international else number, region)
        except phonenumbers.NumberParseException:
            continue
        # A provider vouches for its own numbers; what people type must be a number that can be dialled.
        good = phonenumbers.is_possible_number if international else phonenumbers.is_valid_number
        if good(parsed):
            return E164(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return None


def to_email(value: Value) -> str | None:
    """The first e-mail address in a field, in lower case; None when there is none."""
    match = _EMAIL.search(value[:2_000]) if isinstance(value, str) else None
    return match[0].lower() if match else None


def to_number(value: Value) -> float | None:
    """A number, also with a decimal comma; None when blank or a dash.

    :raises MappingError: when it is no finite number.
    """
    if value is None or (isinstance(value, str) and value.strip() in {"", "-"}):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise MappingError(f"expected a number, found {kind(value)}")
    if isinstance(value, str):
        value = value.strip()
        if "," in value:
            # 1.234,5 is Indonesian, 1,234.5 is English: the last sign is the decimal one.
            comma_last = value.rfind(",") > value.rfind(".")
            value = value.replace(".", "").replace(",", ".") if comma_last else value.replace(",", "")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise MappingError("expected a number, found something else") from None
    if not math.isfinite(number):
        raise MappingError("expected a number, found one without end")
    return number


def to_boolean(value: Value) -> bool | None:
    """True or false from `ya`, `tidak`, `yes`, `no`, 1, 0…; None from null.

    :raises MappingError: for any other word.
    """
    if value is None or isinstance(value, bool):
        return value
    word = (to_text(value) or "").strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise MappingError("expected ya or tidak, found something else")


def html_to_text(value: Value) -> str | None:
    """The text that a reader of the HTML sees. Plain text comes through as it is.

    :raises MappingError: when the HTML is too large to be read.
    """
    text = to_text(value)
    if text is None or not _MARKUP.search(text):
        return text
    if len(text) > _HTML_LIMIT:
        raise MappingError(f"the HTML is longer than {_HTML_LIMIT} characters")
    return html_text.html_to_text(text).strip()


def strip_reply(value: Value) -> str | None:
    """The text of a mail without quoted history and signature."""
    text = to_text(value)
    return text if text is None else strip_signature(strip_quotes(text))


def join(values: Iterable[Value], separator: str) -> str | None:
    """The filled-in values, in order, with the separator between; None when all are blank."""
    texts = [(to_text(value) or "").strip() for value in values if present(value)]
    return separator.join(text for text in texts if text) or None


def numbered(document: Value, prefixes: list[str]) -> list[dict[str, Value]]:
    """`MediaUrl0`, `MediaUrl1`… as a list of `{MediaUrl: …}`; counts from 0 or 1 to the first gap."""
    found: list[dict[str, Value]] = []
    if not isinstance(document, dict):
        return found
    start = 0 if any(f"{prefix}0" in document for prefix in prefixes) else 1
    for number in range(start, start + 1_000):
        entry = {prefix: document[f"{prefix}{number}"] for prefix in prefixes if f"{prefix}{number}" in document}
        if not entry:
            break
        found.append(entry)
    return found


def lookup(entries: Value, key: str, wanted: Value) -> Value:
    """The first object of a list whose `key` has the wanted value; None when there is none."""
    if wanted is None or not isinstance(entries, list):
        return None
    return next((entry for entry in entries if isinstance(entry, dict) and entry.get(key) == wanted), None)


def answers(value: Value) -> str | None:
    """The answers of a form, an object or the JSON text of one, as lines `question: answer`; technical tokens left out.

    :raises MappingError: when it is neither.
    """
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise MappingError("the answers of the form are not JSON") from None
    if not present(value):
        return None
    if not isinstance(value, dict):
        raise MappingError(f"expected the answers of a form, found {kind(value)}")
    lines = []
    for question, answer in value.items():
        if question == "flow_token" or not present(answer):
            continue
        shown = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        lines.append(f"{question}: {shown}")
    return "\n".join(lines) or None
