"""A body as bytes: JSON, form, multipart, XML; the same data always gives the same bytes."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from recipes.functions import to_text
from recipes.hubs.request_model import RequestSpec
from recipes.hubs.xml import to_xml
from recipes.mapped import MappingError

FORM = "application/x-www-form-urlencoded"


def encode(data: dict[str, Any], spec: RequestSpec) -> tuple[bytes, str]:
    """Bytes and their media type.

    :raises MappingError: when the format has no way to write the data.
    """
    if spec.format == "xml":
        return to_xml(data, declaration=spec.declaration), spec.media_type or "text/xml; charset=utf-8"
    if spec.format == "form":
        return urlencode(list(_pairs(data))).encode(), spec.media_type or FORM
    if spec.format == "multipart":
        return _multipart(list(_pairs(data)), spec.media_type)
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), spec.media_type or "application/json"


def _pairs(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values of a form; a list gives its name several times."""
    for name, value in data.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict | list):
                raise MappingError(f'the field "{name}" of a form is a text, or a list of texts')
            yield name, ("true" if each else "false") if isinstance(each, bool) else to_text(each) or ""


def _multipart(pairs: list[tuple[str, str]], media_type: str | None) -> tuple[bytes, str]:
    # Every try has to send the same bytes, so the boundary follows from the content.
    mark = hashlib.sha256(repr(pairs).encode()).hexdigest()[:32]
    parts = [part(mark, name, value) for name, value in pairs]
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"{media_type or 'multipart/form-data'}; boundary={mark}"


def part(mark: str, name: str, value: str) -> bytes:
    """One field of a multipart body, its name written as browsers do (WHATWG, multipart/form-data encoding)."""
    shown = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    head = f'--{mark}\r\nContent-Disposition: form-data; name="{shown}"\r\n\r\n'
    return head.encode() + value.encode("utf-8", "replace") + b"\r\n"
