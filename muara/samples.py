"""Reads what a sender sends, as an agency's IT staff saved it: JSON, a form, XML, or a table."""

import contextlib
import io
from pathlib import Path

from connectors.files.lines import UnreadableFile
from connectors.files.rows import read_rows
from recipes.decoding import decode_form, decode_json, decode_xml
from recipes.drafting.drafting import Sample
from recipes.mapped import MappingError

_LARGEST = 4 * 1024 * 1024
_BLANK = b"\xef\xbb\xbf \t\r\n"
_TABLES = {".csv", ".tsv", ".xlsx", ".xls", ".ndjson", ".jsonl"}


class UnreadableSample(ValueError):
    """A file that is no sample of anything; says what to do."""


class _NeitherForm(UnreadableSample):
    pass


def read_sample(path: Path) -> Sample:
    """One delivery, or the first row of a table.

    Raises:
        UnreadableSample: it is neither, or larger than 4 MB.
        OSError: the file cannot be read.
    """
    if path.is_dir():
        raise UnreadableSample(f"{path} is a folder: name the files in it")
    if path.stat().st_size > _LARGEST:
        raise UnreadableSample(f"{path} is larger than 4 MB: save one message, or the first rows")
    body = path.read_bytes()
    name = path.stem.replace("_", " ").replace("-", " ") or "sample"
    if not body.strip(_BLANK):
        raise UnreadableSample(f"{path} is empty: save the body of one delivery into it")
    try:
        if path.suffix.lower() not in _TABLES:
            with contextlib.suppress(_NeitherForm):  # it may be a table without its ending
                return sample_of(body, name)
        return Sample(_first_row(path, body), "row", name)
    except (MappingError, UnreadableFile, UnreadableSample) as error:
        raise UnreadableSample(
            f"{path}: {error}; a sample is JSON, a form (a=b&c=d), XML, CSV or XLSX, whole, as the sender sends it."
            " Mails need no recipe of their own: use the channel `email` or `imap_mailbox`"
        ) from None


def sample_of(body: bytes, name: str) -> Sample:
    """The body of one request.

    Raises:
        UnreadableSample: it is neither JSON nor a form nor XML.
    """
    start = body.strip(_BLANK)
    try:
        if start[:1] in (b"{", b"["):
            return Sample(decode_json(body), "json", name)
        if start[:1] == b"<":
            return Sample(decode_xml(body), "xml", name, body.decode(errors="replace"))
        if b"=" in start and b"\n" not in start:
            return Sample(decode_form(start), "form", name)
    except MappingError as error:
        raise UnreadableSample(str(error)) from None
    raise _NeitherForm("the body is neither JSON nor a form nor XML")


def _first_row(path: Path, body: bytes) -> object:
    named = path if path.suffix.lower() in _TABLES else path.with_suffix(".csv")
    for row in read_rows(named, io.BytesIO(body), {}):
        if not row.defect:
            return decode_json(row.payload)
    raise UnreadableSample("it has no row below its first line, which names the columns")
