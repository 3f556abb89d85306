"""Functions of recipes that ask: conditions, patterns, and the choice that follows from an answer."""

import re

from recipes import functions
from recipes.calls import Call
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression, holds

_MATCH_LIMIT = 20_000
"""Characters of a text that patterns look at."""


def switch(call: Call) -> Expression:
    """`{switch: …, cases: …}`: an expression by word; an unknown word is an error unless there is `otherwise`."""
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


def translate(call: Call) -> Expression:
    """`{translate: …, values: …}`: a constant by word."""
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


def if_(call: Call) -> Expression:
    """`{if: …, then: …, else: …}`."""
    condition, then = call.expression("if"), call.expression("then")
    otherwise = call.expression("else") if call.given("else") else None

    def read(document: Value, context: Context) -> Value:
        if holds(condition(document, context)):
            return then(document, context)
        return otherwise(document, context) if otherwise else None

    return read


def pattern_of(call: Call, key: str = "pattern") -> re.Pattern[str]:
    """An option that is a pattern; capitals do not matter.

    :raises ExpressionError: when it is none.
    """
    try:
        return re.compile(call.text(key, ""), re.IGNORECASE)
    except re.error as error:
        raise call.error(
            key, f"the pattern is wrong: {error}", "see the chapter on patterns in docs/recipes.md"
        ) from None


def _text_of(value: Value) -> str:
    return (functions.to_text(value) or "")[:_MATCH_LIMIT]


def extract(call: Call) -> Expression:
    """`{extract: …, pattern: …}`: the first match of a pattern, or its first group."""
    inner, pattern = call.expression("extract"), pattern_of(call)

    def read(document: Value, context: Context) -> Value:
        match = pattern.search(_text_of(inner(document, context)))
        return match[1 if pattern.groups else 0] if match else None

    return read


def matches(call: Call) -> Expression:
    """`{matches: …, pattern: …}`: whether a pattern occurs."""
    inner, pattern = call.expression("matches"), pattern_of(call)
    return lambda document, context: pattern.search(_text_of(inner(document, context))) is not None


def one_of(call: Call) -> Expression:
    """`{one_of: …, values: […]}`: whether the value is one of some words."""
    inner, values = call.expression("one_of"), call.constant("values")
    if not isinstance(values, list) or not values:
        raise call.error("values", '"values" of "one_of" is a list of words', "write values: [word, other]")
    words = {str(value) for value in values}
    return lambda document, context: functions.to_text(inner(document, context)) in words


def all_(call: Call) -> Expression:
    """`{all: […]}`: whether every condition holds."""
    inner = call.expressions("all")
    return lambda document, context: all(holds(each(document, context)) for each in inner)


def any_(call: Call) -> Expression:
    """`{any: […]}`: whether some condition holds."""
    inner = call.expressions("any")
    return lambda document, context: any(holds(each(document, context)) for each in inner)


def not_(call: Call) -> Expression:
    """`{not: …}`: whether a condition does not hold."""
    inner = call.expression("not")
    return lambda document, context: not holds(inner(document, context))
