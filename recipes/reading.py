"""Functions of recipes that read one value: a constant, a number, a time, a phone number, a cleaned text."""

import re
from collections.abc import Callable

from recipes import functions
from recipes.calls import Builder, Call
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression
from recipes.times import ISO, Unit, compile_format, read_date, read_timestamp, zone_named


def unary(function: Callable[[Value], Value]) -> Builder:
    """A function of one value and no options."""

    def build(call: Call) -> Expression:
        inner = call.expression(call.name)
        return lambda document, context: function(inner(document, context))

    return build


def on_text(function: Callable[[str], str]) -> Builder:
    """A function of one text and no options."""

    def apply(value: Value) -> str | None:
        text = functions.to_text(value)
        return None if text is None else function(text)

    return unary(apply)


def value(call: Call) -> Expression:
    """`{value: X}`: X as it stands."""
    constant = call.constant("value")
    return lambda _document, _context: constant


def setting(call: Call) -> Expression:
    """`{setting: name}`: a setting of the source."""
    name = call.text("setting", "")
    return lambda _document, context: context.settings.get(name)


def number(call: Call) -> Expression:
    """`{number: …}`: a number; with `base: "16"` one in hexadecimal digits, nothing where there are no such digits."""
    inner = call.expression("number")
    if call.word("base", "10", ("10", "16")) == "10":
        return lambda document, context: functions.to_number(inner(document, context))

    def read(document: Value, context: Context) -> Value:
        text = (functions.to_text(inner(document, context)) or "").strip()
        return int(text, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,8}", text) else None

    return read


def phone(call: Call) -> Expression:
    """`{phone: …}`: a phone number in E.164; see `functions.to_phone`."""
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


def timestamp(call: Call) -> Expression:
    """`{timestamp: …}`: an instant in UTC; see `times.read_timestamp`."""
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


def day(call: Call) -> Expression:
    """`{date: …}`: a calendar day; see `times.read_date`."""
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
