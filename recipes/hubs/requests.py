"""From a document to a request: rendered once, frozen, the same bytes at every try."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from recipes.compiling import Compiler
from recipes.functions import to_text
from recipes.hubs.bodies import compile_body
from recipes.hubs.models import Operation
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

    def freeze(self) -> bytes:
        """As bytes, to be kept."""
        text = None if self.body is None else self.body.decode()
        fields = {"method": self.method, "target": self.target, "headers": dict(self.headers), "body": text}
        return json.dumps(fields, ensure_ascii=False).encode()

    @classmethod
    def thaw(cls, frozen: bytes) -> "Request":
        """From those bytes."""
        fields = json.loads(frozen)
        body = None if fields["body"] is None else fields["body"].encode()
        return cls(fields["method"], fields["target"], fields["headers"], body)


class RequestTemplate:
    """A compiled operation."""

    def __init__(self, operation: Operation, compiler: Compiler, where: str) -> None:
        self.operation = operation
        self._path = _path_template(operation.path, compiler, where, "path")
        self._query = {name: compiler.expression(spec, where, "query", name) for name, spec in operation.query.items()}
        self._body = None if operation.body is None else compile_body(operation.body, compiler, where, "body")

    def body(self, document: Value, context: Context) -> dict[str, Any] | None:
        """The body as plain data.

        :raises MappingError: the document does not fit.
        """
        return None if self._body is None else self._body(document, context) or {}

    def render(self, document: Value, context: Context) -> Request:
        """The whole request.

        :raises MappingError: the document does not fit, or lacks what the path needs.
        """
        path = "".join(
            piece if isinstance(piece, str) else _segment(piece(document, context), self.operation.path)
            for piece in self._path
        )
        found = {name: to_text(each(document, context)) for name, each in self._query.items()}
        query = urlencode({name: value for name, value in found.items() if present(value)})
        body = self.body(document, context)
        content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {} if content is None else {"Content-Type": "application/json"}
        return Request(self.operation.method, f"{path}?{query}" if query else path, headers, content)


def _path_template(path: str, compiler: Compiler, *where: str) -> list[str | Expression]:
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
