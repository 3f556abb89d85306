"""Every function of the recipe language: its name, its options, and what it compiles to."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from recipes import functions
from recipes.expressions import Call, first_of
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression, ExpressionError, compile_string, holds, present
from recipes.times import ISO, Unit, compile_format, read_date, read_timestamp, zone_named

Builder = Callable[[Call], Expression]
_MATCH_LIMIT = 20_000


def _unary(function: Callable[[Value], Value]) -> Builder:
    def build(call: Call) -> Expression:
        inner = call.expression(call.name)
        return lambda document, context: function(inner(document, context))

    return build


def _texts(function: Callable[[str], str]) -> Builder:
    def apply(value: Value) -> str | None:
        text = functions.to_text(value)
        return None if text is None else function(text)

    return _unary(apply)


def _value(call: Call) -> Expression:
    constant = call.constant("value")
    return lambda _document, _context: constant


def _setting(call: Call) -> Expression:
    name = call.text("setting", "")
    return lambda _document, context: context.settings.get(name)


def _phone(call: Call) -> Expression:
    inner, region, international = call.expression("phone"), call.text("region", "ID"), call.flag("international")
    if not re.fullmatch(r"[A-Z]{2}", region):
        raise call.error("region", f'"{region}" is no country', "use two capital letters, such as ID")
    return lambda document, context: functions.to_phone(inner(document, context), region, international=international)


def _formats(call: Call) -> list[str]:
    formats = call.texts("format")
    for spelt in formats:
        if spelt == ISO:
            continue
        try:
            compile_format(spelt)
        except ValueError as error:
            raise call.error("format", str(error)) from None
    return formats


def _timestamp(call: Call) -> Expression:
    inner, formats = call.expression("timestamp"), _formats(call)
    units: dict[str, Unit] = {"auto": "auto", "seconds": "seconds", "milliseconds": "milliseconds"}
    unit = units[call.word("unit", "auto", tuple(units))]
    lenient = call.word("invalid", "error", ("error", "nothing")) == "nothing"
    fixed = call.text("zone", "")
    if fixed:
        try:
            zone_named(fixed)
        except MappingError as error:
            raise call.error("zone", str(error)) from None

    def read(document: Value, context: Context) -> Value:
        value = inner(document, context)
        try:
            return read_timestamp(value, fixed or context.zone, formats, unit)
        except MappingError:
            if lenient:
                return None
            raise

    return read


def _date(call: Call) -> Expression:
    inner, formats = call.expression("date"), _formats(call)
    lenient = call.word("invalid", "error", ("error", "nothing")) == "nothing"

    def read(document: Value, context: Context) -> Value:
        value = inner(document, context)
        try:
            return read_date(value, formats)
        except MappingError:
            if lenient:
                return None
            raise

    return read


def _join(call: Call) -> Expression:
    inner, separator = call.expressions("join"), call.text("with", " ")
    return lambda document, context: functions.join((each(document, context) for each in inner), separator)


def _numbered(call: Call) -> Expression:
    prefixes = call.texts("numbered")
    return lambda document, _context: functions.numbered(document, prefixes)


def _lookup(call: Call) -> Expression:
    entries, key, wanted = call.expression("lookup"), call.text("key", "id"), call.expression("equals")
    return lambda document, context: functions.lookup(entries(document, context), key, wanted(document, context))


def _template(call: Call) -> Expression:
    pieces: list[str | Expression] = []
    for literal, path in re.findall(r"([^{}]+)|\{([^{}]*)\}", call.text("template", "")):
        try:
            pieces.append(literal or compile_string(path))
        except ExpressionError as error:
            raise call.error("template", error.message, error.remedy) from None

    def read(document: Value, context: Context) -> Value:
        filled, texts = False, []
        for piece in pieces:
            if isinstance(piece, str):
                texts.append(piece)
                continue
            value = piece(document, context)
            if present(value):
                filled = True
                texts.append((functions.to_text(value) or "").strip())
        return "".join(texts).strip() if filled else None

    return read


def _switch(call: Call) -> Expression:
    subject, cases = call.expression("switch"), call.cases("cases")
    otherwise = call.expression("otherwise") if call.given("otherwise") else None
    name = call.constant("switch")

    def read(document: Value, context: Context) -> Value:
        word = functions.to_text(subject(document, context))
        case = cases.get(word, otherwise) if word is not None else otherwise
        if case is None:
            shown = f'"{word}"' if word is not None and re.fullmatch(r"[A-Za-z_]{1,40}", word) else "something"
            raise MappingError(f"{name} is {shown if word is not None else 'missing'}, which the recipe does not know")
        return case(document, context)

    return read


def _translate(call: Call) -> Expression:
    subject, values = call.expression("translate"), call.constant("values")
    if not isinstance(values, dict) or not values:
        raise call.error("values", '"values" of "translate" holds one value per word', "write word: value")
    words = {str(word).strip().casefold(): value for word, value in values.items()}
    otherwise = call.expression("otherwise") if call.given("otherwise") else None

    def read(document: Value, context: Context) -> Value:
        word = (functions.to_text(subject(document, context)) or "").strip().casefold()
        if word in words:
            return words[word]
        return otherwise(document, context) if otherwise else None

    return read


def _if(call: Call) -> Expression:
    condition, then = call.expression("if"), call.expression("then")
    otherwise = call.expression("else") if call.given("else") else None

    def read(document: Value, context: Context) -> Value:
        if holds(condition(document, context)):
            return then(document, context)
        return otherwise(document, context) if otherwise else None

    return read


def _for_each(call: Call) -> Expression:
    entries, each, separator = call.expression("for_each"), call.expression("do"), call.text("with", "\n")

    def read(document: Value, context: Context) -> Value:
        found = entries(document, context)
        elements = found if isinstance(found, list) else [found] if present(found) else []
        return functions.join((each(element, context) for element in elements), separator)

    return read


def _pattern(call: Call) -> re.Pattern[str]:
    try:
        return re.compile(call.text("pattern", ""), re.IGNORECASE)
    except re.error as error:
        raise call.error(
            "pattern", f"the pattern is wrong: {error}", "see the chapter on patterns in docs/recipes.md"
        ) from None


def _text_of(value: Value) -> str:
    return (functions.to_text(value) or "")[:_MATCH_LIMIT]


def _extract(call: Call) -> Expression:
    inner, pattern = call.expression("extract"), _pattern(call)

    def read(document: Value, context: Context) -> Value:
        match = pattern.search(_text_of(inner(document, context)))
        return match[1 if pattern.groups else 0] if match else None

    return read


def _matches(call: Call) -> Expression:
    inner, pattern = call.expression("matches"), _pattern(call)
    return lambda document, context: pattern.search(_text_of(inner(document, context))) is not None


def _one_of(call: Call) -> Expression:
    inner, values = call.expression("one_of"), call.constant("values")
    if not isinstance(values, list) or not values:
        raise call.error("values", '"values" of "one_of" is a list of words', "write values: [word, other]")
    words = {str(value) for value in values}
    return lambda document, context: functions.to_text(inner(document, context)) in words


def _all(call: Call) -> Expression:
    inner = call.expressions("all")
    return lambda document, context: all(holds(each(document, context)) for each in inner)


def _any(call: Call) -> Expression:
    inner = call.expressions("any")
    return lambda document, context: any(holds(each(document, context)) for each in inner)


def _not(call: Call) -> Expression:
    inner = call.expression("not")
    return lambda document, context: not holds(inner(document, context))


def _first_of(call: Call) -> Expression:
    return first_of(call.expressions("first_of"))


FORMS: Mapping[str, tuple[tuple[str, ...], Builder]] = MappingProxyType(
    {
        "value": ((), _value),
        "setting": ((), _setting),
        "first_of": ((), _first_of),
        "phone": (("region", "international"), _phone),
        "email": ((), _unary(functions.to_email)),
        "timestamp": (("format", "zone", "unit", "invalid"), _timestamp),
        "date": (("format", "invalid"), _date),
        "html_to_text": ((), _unary(functions.html_to_text)),
        "strip_reply": ((), _unary(functions.strip_reply)),
        "answers": ((), _unary(functions.answers)),
        "number": ((), _unary(functions.to_number)),
        "boolean": ((), _unary(functions.to_boolean)),
        "trim": ((), _texts(str.strip)),
        "lower": ((), _texts(str.lower)),
        "upper": ((), _texts(str.upper)),
        "join": (("with",), _join),
        "template": ((), _template),
        "numbered": ((), _numbered),
        "lookup": (("key", "equals"), _lookup),
        "for_each": (("do", "with"), _for_each),
        "switch": (("cases", "otherwise"), _switch),
        "translate": (("values", "otherwise"), _translate),
        "if": (("then", "else"), _if),
        "extract": (("pattern",), _extract),
        "matches": (("pattern",), _matches),
        "one_of": (("values",), _one_of),
        "all": ((), _all),
        "any": ((), _any),
        "not": ((), _not),
    }
)
"""Name → its options besides the first key, and its builder."""
