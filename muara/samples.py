"""Reads what a sender sends, as an agency's IT staff saved it: JSON, a form, XML, or a table."""

import io
from pathlib import Path

from connectors.files.lines import UnreadableFile
from connectors.files.rows import read_rows
from recipes.decoding import decode_form, decode_json, decode_xml
from recipes.drafting.drafting import Sample
from recipes.mapped import MappingError

_LARGEST = 4 * 1024 * 1024
_TABLES = {".csv", ".tsv", ".xlsx", ".xls", ".ndjson", ".jsonl"}


class UnreadableSample(ValueError):
    """A file that is no sample of anything; says what to do."""


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
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise UnreadableSample(f"{path} is empty: save the body of one delivery into it")
    try:
        if path.suffix.lower() in _TABLES:
            return Sample(_first_row(path, body), "row", name)
        if start[:1] in (b"{", b"["):
            return Sample(decode_json(body), "json", name)
        if start[:1] == b"<":
            return Sample(decode_xml(body), "xml", name, body.decode(errors="replace"))
        if b"=" in start and b"\n" not in start.strip():
            return Sample(decode_form(start.strip()), "form", name)
        return Sample(_first_row(path, body), "row", name)
    except (MappingError, UnreadableFile) as error:
        raise UnreadableSample(
            f"{path}: {error}; a sample is JSON, a form (a=b&c=d), XML, CSV or XLSX, whole, as the sender sends it."
            " Mails need no recipe of their own: use the channel `email` or `imap_mailbox`"
        ) from None


def _first_row(path: Path, body: bytes) -> object:
    named = path if path.suffix.lower() in _TABLES else path.with_suffix(".csv")
    for row in read_rows(named, io.BytesIO(body), {}):
        if not row.defect:
            return decode_json(row.payload)
    raise UnreadableSample(f"{path} has no row below its first line, which names the columns")
