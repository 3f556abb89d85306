"""What recipes can do with a value once a path has found it: pure functions, each forgiving of what people type."""

import json
import math
import re
from collections.abc import Iterable, Iterator

import phonenumbers

from recipes.mail import html_text
from recipes.mail.quotes import strip_quotes
from recipes.mail.signatures import strip_signature
from recipes.mapped import MappingError, Value
from recipes.paths import present

_PHONE_LABEL = re.compile(r"(?:whatsapp|telepon|telp|tel|phone|no|hp|wa|sms|rcs)[\s.:]+", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\w.+])\+?\d[\d\s().-]{7,20}\d(?![\w@])", re.ASCII)
_SCIENTIFIC = re.compile(r"(\d)[.,](\d{7,})[eE]\+?(\d{1,2})", re.ASCII)
_JID = re.compile(r"(\d+)(?::\d+)?@(?:s\.whatsapp\.net|c\.us)")
_EMAIL = re.compile(r"[^\s@<>()\[\]\",;:]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,63}")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!|&(?:[a-zA-Z]{2,8}|#\d{2,7});")
_TECHNICAL = frozenset({"flow_token", "wa_flow_response_params", "saved_address_id"})
"""Answers that a form gives about itself."""
_NUL = r"\u0000"
"""As JSON spells it inside an answer."""
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
    """The first phone number in a field or a list of them, in E.164; None when there is none.

    :param region: ISO 3166 country of numbers written without their country code.
    :param international: digits without a plus begin with the country code, as WhatsApp writes them.
    """
    if isinstance(value, E164):
        return value
    if isinstance(value, list):
        found = (to_phone(each, region, international=international) for each in value[:10] if isinstance(each, str))
        return next((number for number in found if number), None)
    text = "" if isinstance(value, bool | dict) else (to_text(value) or "").strip()
    jid = _JID.fullmatch(text)
    if jid:
        text, international = jid[1], True
    for piece in re.split(r"[/;,|\n]|\batau\b|\bor\b", _unrounded(text[:200])):
        number = re.sub(r"\.0$", "", _PHONE_LABEL.sub("", piece).strip())
        if re.search(r"[^\W\d_]|@", number):
            # A remark beside the number (`0811… (istri)`); a name, an address or an id holds none.
            beside = None if international or "@" in number else _DIGITS.search(number)
            number = beside[0] if beside else ""
        if not number:
            continue
        # 00 is what telephones dial for the plus, whatever their country's own prefix is.
        spelt = [f"+{number.lstrip('+').removeprefix('00')}"] if international else [number]
        spelt += [f"+{number[2:]}"] if number.startswith("00") and not international else []
        for one in spelt:
            try:
                parsed = phonenumbers.parse(one, region)
            except phonenumbers.NumberParseException:
                continue
            # A provider vouches for its own numbers; what people type must be a number that can be dialled.
            good = phonenumbers.is_possible_number if international else phonenumbers.is_valid_number
            if good(parsed):
                return E164(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return None


def _unrounded(number: str) -> str:
    """The digits of `8.1100000031E+10`, as spreadsheets write long numbers; one that lost digits stays as it is."""
    found = _SCIENTIFIC.fullmatch(number)
    if found is None:
        return number
    missing = int(found[3]) - len(found[2])
    return found[1] + found[2] + "0" * missing if 0 <= missing <= 3 else number


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
        value = value.strip(" \t\n\xa0°")
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
    """`MediaUrl0`, `MediaUrl1`… as a list of `{MediaUrl: …}`, by number; gaps and blank ones are left out."""
    found: dict[int, dict[str, Value]] = {}
    for key, value in document.items() if isinstance(document, dict) else ():
        for prefix in prefixes:
            number = key.removeprefix(prefix)
            if number != key and len(number) <= 3 and number.isascii() and number.isdigit() and present(value):
                found.setdefault(int(number), {})[prefix] = value
    return [found[number] for number in sorted(found)]


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
    if isinstance(value, list):  # answers without their questions
        value = {str(number): each for number, each in enumerate(value, start=1)}
    if not isinstance(value, dict):
        raise MappingError(f"expected the answers of a form, found {kind(value)}")
    try:
        return "\n".join(_answer_lines(value)) or None
    except RecursionError:
        raise MappingError("the answers of the form are nested too deeply") from None


def _answer_lines(answers: dict[str, Value]) -> Iterator[str]:
    for question, answer in answers.items():
        if question in _TECHNICAL or not present(answer) or _files(answer):
            continue
        if isinstance(answer, dict):
            yield from _answer_lines(answer)
        elif isinstance(answer, list) and all(isinstance(each, str | int | float) for each in answer):
            yield f"{question}: {', '.join(to_text(each) or '' for each in answer if not isinstance(each, bool))}"
        else:
            shown = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
            yield f"{question}: {shown.replace(_NUL, chr(0xFFFD))}"


def answer_files(value: Value) -> list[dict[str, Value]]:
    """The files among the answers of a form: the objects with an `id` and a `mime_type`. None of what is no form."""
    try:
        answers = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return []  # `answers` reads the same text, and says what is wrong with it
    return [file for answer in answers.values() for file in _files(answer)] if isinstance(answers, dict) else []


def _files(answer: Value) -> list[dict[str, Value]]:
    entries = answer if isinstance(answer, list) else [answer]
    if entries and all(isinstance(each, dict) and "id" in each and "mime_type" in each for each in entries):
        return entries
    return []
