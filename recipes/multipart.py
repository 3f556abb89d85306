"""Forms as browsers send them with files: multipart/form-data (RFC 7578)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from recipes.mail.headers import parse_parameters
from recipes.mail.limits import DEFAULT_LIMITS, MailError
from recipes.mail.parts import Part, parse_parts
from recipes.mapped import MappingError, Value

_FIRST_LINE = re.compile(rb'\s{0,8}--([^\r\n"]{1,200}?)[ \t]*\r?\n')
_LIMITS = replace(DEFAULT_LIMITS, depth=1, parts=2_002)


def is_multipart_form(payload: bytes) -> bool:
    """Whether a body is such a form. Its boundary is read off its first line, so that the body alone is enough."""
    return _FIRST_LINE.match(payload) is not None and b"form-data" in payload[:2_000].lower()


def multipart_fields(payload: bytes) -> Iterator[tuple[bytes, Value]]:
    """Name and value of each field, in order: the bytes of a text, or `{filename, media_type, size, part}` of a file.

    A file is named, never read: its content has a place of its own beside the message; see `multipart_content`.

    :raises MappingError: when the body is no such form, or holds more than 2,000 fields.
    """
    for index, part in enumerate(_parts(payload)):
        about = parse_parameters(part.headers.text("content-disposition"))[1]
        name = about.get("name")
        if not name:
            continue
        content = part.content()
        # A file may lack its name; a field of a browser in which no file was chosen has neither name nor content.
        if "filename" not in about and part.filename is None and part.media_type.startswith("text/"):
            yield name.encode(), content
        elif content or part.filename:
            file = {"filename": part.filename, "media_type": part.media_type, "size": len(content), "part": index}
            yield name.encode(), file


def multipart_content(payload: bytes, index: int) -> bytes:
    """The content of the file that `multipart_fields` calls `part`.

    :raises MappingError: when there is none.
    """
    parts = _parts(payload)
    if not 0 <= index < len(parts):
        raise MappingError(f"the form has no part {index}")
    return parts[index].content()


def _parts(payload: bytes) -> Sequence[Part]:
    boundary = _FIRST_LINE.match(payload)
    if boundary is None:
        raise MappingError("the body is no form: it does not begin with a boundary")
    head = b'Content-Type: multipart/form-data; boundary="' + boundary[1] + b'"\r\n\r\n'
    try:
        root, notes = parse_parts(head + payload, _LIMITS)
    except MailError as error:
        raise MappingError(str(error)) from None
    if "parts_cut" in notes:
        raise MappingError("the form has more than 2000 fields")
    if "boundary_unclosed" in notes:
        raise MappingError("the form breaks off before its last boundary")
    return root.children
