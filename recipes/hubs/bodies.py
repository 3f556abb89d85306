"""The body of a request, built from expressions: objects, lists, and texts that fit the hub's form.

```yaml
judul: {text: private.title, max: 150, otherwise: {value: Laporan warga}}
pelapor: {object: {nama: private.name, telepon: private.phone}}
lampiran: {list: complaint.attachments, max: 20, each: {object: {nama: filename}}}
kode: {mapped: complaint.category.key, by: category_codes, otherwise: {setting: any_category}}
```
`mapped` takes a word to what a setting of the hub, `category_codes: {penerangan: "12"}`, says of it.
`{file: object, name: filename, type: media_type}` is a stored file of a multipart body; its content is put in when the
request is sent.
What has no value is left out: a field, an object without fields, a list without elements.
"""

from collections.abc import Callable, Mapping

from recipes.compiling import Compiler
from recipes.functions import to_text
from recipes.mapped import Value
from recipes.paths import Context, Expression, ExpressionError

FILE = "#file"
"""Marks a stored file among the data of a body."""
_OPTIONS = {
    "object": (),
    "list": ("each", "max"),
    "text": ("min", "max", "otherwise"),
    "mapped": ("by", "otherwise"),
    "file": ("name", "type"),
}


def compile_body(fields: Mapping[str, Value], compiler: Compiler, *where: str | int) -> Expression:
    """All fields of an object."""
    compiled = {name: _node(spec, compiler, *where, name) for name, spec in fields.items()}

    def build(document: Value, context: Context) -> Value:
        found = {name: node(document, context) for name, node in compiled.items()}
        return {name: value for name, value in found.items() if value is not None} or None

    return build


def _node(spec: Value, compiler: Compiler, *where: str | int) -> Expression:
    name = next(iter(spec)) if isinstance(spec, dict) and spec else None
    if name not in _OPTIONS:
        return compiler.expression(spec, *where)
    for option in list(spec)[1:]:
        if option not in _OPTIONS[name]:
            known = f"it knows {', '.join(_OPTIONS[name])}" if _OPTIONS[name] else "it has no options"
            compiler.errors.append(ExpressionError((*where, option), f'"{name}" has no option "{option}"', known))
    builders: dict[str, Callable[..., Expression]] = {
        "object": _object,
        "list": _list,
        "text": _text,
        "mapped": _mapped,
        "file": _file,
    }
    return builders[name](spec, compiler, *where)


def _object(spec: dict[str, Value], compiler: Compiler, *where: str | int) -> Expression:
    fields = spec["object"]
    if not isinstance(fields, dict):
        compiler.errors.append(ExpressionError((*where, "object"), "an object has fields", "write name: expression"))
        return lambda _document, _context: None
    return compile_body(fields, compiler, *where, "object")


def _list(spec: dict[str, Value], compiler: Compiler, *where: str | int) -> Expression:
    elements = compiler.expression(spec["list"], *where, "list")
    each = _node(spec["each"], compiler, *where, "each") if "each" in spec else None
    most = _number(spec, "max", compiler, *where)

    def build(document: Value, context: Context) -> Value:
        found = elements(document, context)
        items = found if isinstance(found, list) else [] if found is None else [found]
        values = [each(item, context) for item in items] if each else items
        return [value for value in values if value is not None][:most] or None

    return build


def _text(spec: dict[str, Value], compiler: Compiler, *where: str | int) -> Expression:
    inner = compiler.expression(spec["text"], *where, "text")
    otherwise = _node(spec["otherwise"], compiler, *where, "otherwise") if "otherwise" in spec else None
    least, most = _number(spec, "min", compiler, *where) or 1, _number(spec, "max", compiler, *where)

    def build(document: Value, context: Context) -> Value:
        text = _fitted(inner(document, context), most)
        if len(text) >= least:
            return text
        return (_fitted(otherwise(document, context), most) or None) if otherwise else None

    return build


def _mapped(spec: dict[str, Value], compiler: Compiler, *where: str | int) -> Expression:
    word = compiler.expression(spec["mapped"], *where, "mapped")
    otherwise = _node(spec["otherwise"], compiler, *where, "otherwise") if "otherwise" in spec else None
    by = spec.get("by")
    if not isinstance(by, str):
        compiler.errors.append(ExpressionError(where, '"mapped" needs the name of a setting', "add `by: name`"))

    def build(document: Value, context: Context) -> Value:
        table, key = context.settings.get(str(by)), to_text(word(document, context))
        if isinstance(table, Mapping) and key is not None and key in table:
            return table[key]
        return otherwise(document, context) if otherwise else None

    return build


def _file(spec: dict[str, Value], compiler: Compiler, *where: str | int) -> Expression:
    key = compiler.expression(spec["file"], *where, "file")
    name = compiler.expression(spec.get("name", {"value": None}), *where, "name")
    media_type = compiler.expression(spec.get("type", {"value": None}), *where, "type")

    def build(document: Value, context: Context) -> Value:
        found = to_text(key(document, context))
        if not found:
            return None
        return {
            FILE: found,
            "name": to_text(name(document, context)) or "lampiran",
            "type": to_text(media_type(document, context)) or "application/octet-stream",
        }

    return build


def _fitted(value: Value, most: int | None) -> str:
    """Without blanks around it or half characters, and cut, with a sign that it is."""
    text = (to_text(value) or "").strip().encode("utf-8", "replace").decode()
    return text if most is None or len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _number(spec: dict[str, Value], key: str, compiler: Compiler, *where: str | int) -> int | None:
    value = spec.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        compiler.errors.append(ExpressionError((*where, key), f'"{key}" is a whole number from 1 on', "write a number"))
        return None
    return value
