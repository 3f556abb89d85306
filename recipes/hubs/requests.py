"""From a document to a request: rendered once, frozen, the same bytes at every try."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from recipes.compiling import Compiler
from recipes.functions import to_text
from recipes.hubs.bodies import compile_body
from recipes.hubs.encoding import encode
from recipes.hubs.request_model import RequestSpec
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression, ExpressionError, compile_string, present


@dataclass(frozen=True, slots=True)
class Request:
    """One request without its address and its credentials: those are added when it is sent."""

    method: str
    target: str
    """Path and query, below the configured address."""
    headers: Mapping[str, str]
    body: bytes | None
    notes: Mapping[str, Any] = field(default_factory=dict)
    """What is not sent itself: stored `files` that are put into the body then, when it was made, how to look it up."""

    def freeze(self) -> bytes:
        """As bytes, to be kept."""
        text = None if self.body is None else self.body.decode()
        fields = {"method": self.method, "target": self.target, "headers": dict(self.headers), "body": text}
        if self.notes:
            fields["notes"] = dict(self.notes)
        return json.dumps(fields, ensure_ascii=False).encode()

    @classmethod
    def thaw(cls, frozen: bytes) -> "Request":
        """From those bytes."""
        return cls.from_fields(json.loads(frozen))

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Request":
        """From what was frozen, as plain data."""
        body = None if fields["body"] is None else fields["body"].encode()
        return cls(fields["method"], fields["target"], fields["headers"], body, fields.get("notes", {}))


class RequestTemplate:
    """A compiled request."""

    def __init__(self, spec: RequestSpec, compiler: Compiler, *where: str | int, key_field: str | None = None) -> None:
        """`key_field`: where in the body our key for repetitions stands (`delivery.id`)."""
        self.spec = spec
        self._path = _path_template(spec.path, compiler, *where, "path")
        self._query = {name: compiler.expression(each, *where, "query", name) for name, each in spec.query.items()}
        self._headers = {
            name: compiler.expression(each, *where, "headers", name) for name, each in spec.headers.items()
        }
        self._body = None if spec.body is None else compile_body(spec.body, compiler, *where, "body")
        self._key_field = key_field

    def body(self, document: Value, context: Context) -> dict[str, Any] | None:
        """The body as plain data, without our key.

        :raises MappingError: the document does not fit.
        """
        return None if self._body is None else self._body(document, context) or {}

    def render(self, document: Value, context: Context) -> Request:
        """The whole request.

        :raises MappingError: the document does not fit, or lacks what the path needs.
        """
        path = "".join(
            piece if isinstance(piece, str) else _segment(piece(document, context), self.spec.path)
            for piece in self._path
        )
        query = urlencode(_texts(self._query, document, context))
        headers = {name: _one_line(each) for name, each in _texts(self._headers, document, context).items()}
        content: bytes | None = None
        notes: dict[str, Any] = {}
        body = self.body(document, context)
        if body is not None:
            if self._key_field is not None:
                _put_key(body, self._key_field, str(document["delivery"]["id"]), xml=self.spec.format == "xml")
            encoded = encode(body, self.spec)
            content = encoded.content
            headers = {"Content-Type": encoded.media_type, **headers}
            notes = {"files": [dict(each) for each in encoded.files]} if encoded.files else {}
        return Request(self.spec.method, f"{path}?{query}" if query else path, headers, content, notes)


def _texts(expressions: Mapping[str, Expression], document: Value, context: Context) -> dict[str, str]:
    found = {name: each(document, context) for name, each in expressions.items()}
    joined = {name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in found.items()}
    return {name: text for name, value in joined.items() if present(value) and (text := to_text(value)) is not None}


def _one_line(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", text)


def _put_key(body: dict[str, Any], way: str, key: str, *, xml: bool) -> None:
    inside = body
    steps = way.split("/")
    if xml:
        steps = [next(iter(body)), *steps]
    for step in steps[:-1]:
        below = inside.setdefault(step, {})
        if not isinstance(below, dict):
            raise MappingError(f'the key for repetitions has no place at "{way}"')
        inside = below
    inside[steps[-1]] = key


def _path_template(path: str, compiler: Compiler, *where: str | int) -> list[str | Expression]:
    pieces: list[str | Expression] = []
    for literal, inner in re.findall(r"([^{}]+)|\{([^{}]*)\}", path):
        try:
            pieces.append(literal or compile_string(inner))
        except ExpressionError as error:
            compiler.errors.append(ExpressionError(where, error.message, error.remedy))
    return pieces


def _segment(value: Value, path: str) -> str:
    text = to_text(value)
    if not text or not text.strip():
        raise MappingError(f"there is no value for the path {path}")
    return quote(text, safe="")
