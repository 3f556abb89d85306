"""Every function of the recipe language: its name, its options, and what it compiles to."""

from collections.abc import Mapping
from types import MappingProxyType

from recipes import composing, deciding, embedded, functions, reading, rich
from recipes.calls import Builder

FORMS: Mapping[str, tuple[tuple[str, ...], Builder]] = MappingProxyType(
    {
        "value": ((), reading.value),
        "setting": ((), reading.setting),
        "first_of": ((), composing.first),
        "phone": (("region", "international"), reading.phone),
        "email": ((), reading.unary(functions.to_email)),
        "timestamp": (("format", "zone", "unit", "invalid"), reading.timestamp),
        "date": (("format", "invalid"), reading.day),
        "html_to_text": ((), reading.unary(functions.html_to_text)),
        "strip_reply": ((), reading.unary(functions.strip_reply)),
        "rich_text": ((), reading.unary(rich.rich_text)),
        "answers": ((), reading.unary(functions.answers)),
        "answer_files": ((), reading.unary(functions.answer_files)),
        "number": (("base",), reading.number),
        "boolean": ((), reading.unary(functions.to_boolean)),
        "trim": ((), reading.on_text(str.strip)),
        "lower": ((), reading.on_text(str.lower)),
        "upper": ((), reading.on_text(str.upper)),
        "join": (("with",), composing.join),
        "template": ((), composing.template),
        "numbered": ((), composing.numbered),
        "field": (("in",), composing.field),
        "split": (("by",), composing.split),
        "get": (("of",), composing.get),
        "mail": (("from", "subject", "contents"), embedded.mail),
        "json": ((), embedded.json_value),
        "hex": (("charset",), embedded.hex_text),
        "url_decoded": (("charset",), embedded.url_text),
        "lookup": (("key", "equals"), composing.lookup),
        "for_each": (("do", "with"), composing.for_each),
        "switch": (("cases", "otherwise"), deciding.switch),
        "translate": (("values", "otherwise"), deciding.translate),
        "if": (("then", "else"), deciding.if_),
        "extract": (("pattern",), deciding.extract),
        "matches": (("pattern",), deciding.matches),
        "one_of": (("values",), deciding.one_of),
        "all": ((), deciding.all_),
        "any": ((), deciding.any_),
        "not": ((), deciding.not_),
    }
)
"""Name → its options besides the first key, and its builder."""
