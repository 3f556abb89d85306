"""Functions of recipes that put several values together, or take one out of a larger one."""

import re

from recipes import functions
from recipes.calls import Call, first_of
from recipes.deciding import pattern_of
from recipes.mapped import Value
from recipes.paths import Context, Expression, ExpressionError, compile_string, present


def first(call: Call) -> Expression:
    """`{first_of: […]}`: the first that is filled in."""
    return first_of(call.expressions("first_of"))


def join(call: Call) -> Expression:
    """`{join: […], with: …}`: the filled-in values as one text."""
    inner, separator = call.expressions("join"), call.text("with", " ")
    return lambda document, context: functions.join((each(document, context) for each in inner), separator)


def numbered(call: Call) -> Expression:
    """`{numbered: […]}`: `MediaUrl0`, `MediaUrl1`… as a list."""
    prefixes = call.texts("numbered")
    return lambda document, _context: functions.numbered(document, prefixes)


def get(call: Call) -> Expression:
    """`{get: path, of: …}`: a path into what another function gives."""
    path, source = call.expression("get"), call.expression("of")
    return lambda document, context: path(source(document, context), context)


def field(call: Call) -> Expression:
    """`{field: pattern, in: …}`: the first filled-in field whose name matches; forms name theirs as they like."""
    pattern = pattern_of(call, "field")
    source = call.expression("in") if call.given("in") else None

    def read(document: Value, context: Context) -> Value:
        found = source(document, context) if source else document
        if not isinstance(found, dict):
            return None
        return next((value for name, value in found.items() if present(value) and pattern.search(name)), None)

    return read


def split(call: Call) -> Expression:
    """`{split: …, by: ","}`: the filled-in pieces of a text, as a list."""
    inner, separator = call.expression("split"), call.text("by", ",")
    if not separator:
        raise call.error("by", '"by" is empty', "name what stands between the pieces")

    def read(document: Value, context: Context) -> Value:
        text = functions.to_text(inner(document, context)) or ""
        return [piece.strip() for piece in text.split(separator) if piece.strip()]

    return read


def lookup(call: Call) -> Expression:
    """`{lookup: …, key: …, equals: …}`: one object of a list."""
    entries, key, wanted = call.expression("lookup"), call.text("key", "id"), call.expression("equals")
    return lambda document, context: functions.lookup(entries(document, context), key, wanted(document, context))


def template(call: Call) -> Expression:
    """`{template: …}`: a text with paths in braces; None when none of them is filled in."""
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


def for_each(call: Call) -> Expression:
    """`{for_each: …, do: …, with: …}`: a text from every element of a list."""
    entries, each, separator = call.expression("for_each"), call.expression("do"), call.text("with", "\n")

    def read(document: Value, context: Context) -> Value:
        found = entries(document, context)
        elements = found if isinstance(found, list) else [found] if present(found) else []
        return functions.join((each(element, context) for element in elements), separator)

    return read
