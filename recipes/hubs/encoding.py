"""A body as bytes: JSON, form, multipart, XML; the same data always gives the same bytes."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from recipes.functions import to_text
from recipes.hubs.bodies import FILE
from recipes.hubs.request_model import RequestSpec
from recipes.mapped import MappingError
from recipes.xml import to_xml

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A body."""

    content: bytes
    media_type: str
    files: tuple[Mapping[str, str], ...] = ()
    """Stored files that belong into it: `field`, `object` (the key of the content), `name`, `type`."""


def encode(data: dict[str, Any], spec: RequestSpec) -> Encoded:
    """The body of a request.

    :raises MappingError: when the format has no way to write the data.
    """
    if spec.format == "xml":
        return Encoded(to_xml(data, declaration=spec.declaration), spec.media_type or "text/xml; charset=utf-8")
    if spec.format == "form":
        return Encoded(urlencode(list(_pairs(data))).encode(), spec.media_type or FORM)
    if spec.format == "multipart":
        return _multipart(data, spec.media_type or "multipart/form-data")
    content = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return Encoded(content, spec.media_type or "application/json")


def _pairs(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values of a form; a list gives its name several times."""
    for name, value in data.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict | list):
                raise MappingError(f'the field "{name}" of a form is a text, or a list of texts')
            yield name, ("true" if each else "false") if isinstance(each, bool) else to_text(each) or ""


def _multipart(data: dict[str, Any], media_type: str) -> Encoded:
    files = tuple(
        {"field": name, "object": each[FILE], "name": each["name"], "type": each["type"]}
        for name, value in data.items()
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, dict) and FILE in each
    )
    named = {each["field"] for each in files}
    pairs = list(_pairs({name: value for name, value in data.items() if name not in named}))
    # Every try has to send the same bytes, so the boundary follows from the content.
    mark = hashlib.sha256(repr((pairs, files)).encode()).hexdigest()[:32]
    parts = [part(mark, name, value) for name, value in pairs]
    return Encoded(b"".join([*parts, closing(mark)]), f"{media_type}; boundary={mark}", files)


def closing(mark: str) -> bytes:
    """What ends a multipart body."""
    return f"--{mark}--\r\n".encode()


def part(mark: str, name: str, value: str) -> bytes:
    """One field of a multipart body, its name written as browsers do (WHATWG, multipart/form-data encoding)."""
    head = f'--{mark}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'
    return head.encode() + value.encode("utf-8", "replace") + b"\r\n"


def file_part(mark: str, file: Mapping[str, str], content: bytes) -> bytes:
    """One file of a multipart body."""
    names = f'name="{_quoted(file["field"])}"; filename="{_quoted(file["name"])}"'
    media_type = file["type"].replace("\r", " ").replace("\n", " ")
    head = f"--{mark}\r\nContent-Disposition: form-data; {names}\r\nContent-Type: {media_type}\r\n\r\n"
    return head.encode("utf-8", "replace") + content + b"\r\n"


def _quoted(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
