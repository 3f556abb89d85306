"""What a new schema would break for those who read by the last one. Pure; used when schemas are written and tested.

Two kinds of reader count. A consumer written against the last version reads what we write now: what it relied on must
still be there, and nothing may come that it does not know. Our own services read what they wrote before (the log
keeps it for a month): what was valid must still be valid. So a field may be added when it need not be there, and
words may be changed; everything else is a new version.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

JUDGED = (
    "const",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maximum",
    "maxItems",
    "maxLength",
    "minimum",
    "minItems",
    "minLength",
    "multipleOf",
    "pattern",
    "uniqueItems",
)
"""Keywords by which a value is accepted or refused. Stricter breaks old events, looser breaks old consumers."""


def breaks(old: Schema, new: Schema) -> list[str]:
    """What a consumer of `old` cannot take in `new`, a sentence each with the field's path; empty when nothing.

    Both are whole JSON Schemas as `schemas.export.schema` makes them: objects, arrays, `anyOf`, `enum`, and `$ref` to
    their own `$defs`.
    """
    return list(_Comparison(old, new).node("", old, new))


class _Comparison:
    """Walks two schemas side by side."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old_root = old
        self._new_root = new
        self._under_way: set[tuple[int, int]] = set()

    def node(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        """Compares what may stand at one place."""
        yield from self._alternatives(path, _resolved(old, self._old_root), _resolved(new, self._new_root))

    def _alternatives(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        before, after = _by_kind(old, self._old_root), _by_kind(new, self._new_root)
        place = path or "the whole"
        for kind in sorted(before.keys() - after.keys()):
            yield f"{place}: no longer {kind}; old events have it so"
        for kind in sorted(after.keys() - before.keys()):
            yield f"{place}: may now be {kind}, which old consumers do not expect"
        for kind in sorted(before.keys() & after.keys()):
            yield from self._same_kind(path, before[kind], after[kind])

    def _same_kind(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        pair = (id(old), id(new))
        if pair in self._under_way:  # a model that contains itself
            return
        self._under_way.add(pair)
        place = path or "the whole"
        for keyword in JUDGED:
            if old.get(keyword) != new.get(keyword):
                yield f"{place}: {keyword} changed from {old.get(keyword)!r} to {new.get(keyword)!r}"
        yield from _words(place, old, new)
        yield from self._items(path, old, new)
        yield from self._properties(path, old, new)
        self._under_way.discard(pair)

    def _items(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        for keyword, suffix in (("items", "[]"), ("additionalProperties", ".*")):
            before, after = old.get(keyword, True), new.get(keyword, True)
            if isinstance(before, Mapping) and isinstance(after, Mapping):
                yield from self.node(path + suffix, before, after)
            elif before != after:
                yield f"{path}{suffix}: what may stand there changed"

    def _properties(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        before: Schema = old.get("properties", {})
        after: Schema = new.get("properties", {})
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        for name in before:
            place = f"{path}.{name}" if path else name
            if name not in after:
                yield f"{place}: the field is gone; consumers may rely on it"
                continue
            if name in was_required - is_required:
                yield f"{place}: may now be missing; consumers rely on it"
            if name in is_required - was_required:
                yield f"{place}: is now required; old events may lack it"
            elif before[name].get("default") != after[name].get("default") and name not in is_required:
                yield f"{place}: the default changed; an event that leaves it out now says something else"
            yield from self.node(place, before[name], after[name])
        for name in after.keys() - before.keys():
            if name in is_required:
                yield f"{path}.{name}".lstrip(".") + ": is new and required; old events lack it"


def _words(place: str, old: Schema, new: Schema) -> Iterator[str]:
    """Compares the words that may stand at a place."""
    if ("enum" in old) != ("enum" in new):
        yield f"{place}: {'any word may stand here now' if 'enum' in old else 'only certain words may stand here now'}"
        return
    before, after = list(old.get("enum", ())), list(new.get("enum", ()))
    for word in before:
        if word not in after:
            yield f"{place}: {word!r} is no longer allowed; old events say it"
    for word in after:
        if word not in before:
            yield f"{place}: {word!r} is a new word, which old consumers do not know"


def _resolved(node: Schema, root: Schema) -> Schema:
    """The node that a `$ref` stands for."""
    while "$ref" in node:
        found: Any = root
        for step in str(node["$ref"]).removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def _by_kind(node: Schema, root: Schema) -> dict[str, Schema]:
    """The alternatives at a place by their JSON type; a second one of a type is numbered."""
    kinds: dict[str, Schema] = {}
    for given in node.get("anyOf", [node]):
        alternative = _resolved(given, root)
        kind = str(alternative.get("type", "anything"))
        kinds[kind if kind not in kinds else f"{kind} ({len(kinds)})"] = alternative
    return kinds
