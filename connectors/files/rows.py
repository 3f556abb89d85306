"""Rows of a CSV, NDJSON or Excel file as JSON objects, each with its line; a bad row takes no other down with it."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from connectors.files.columns import checked
from connectors.files.lines import Line, Lines, UnreadableFile
from connectors.files.row import Row
from connectors.files.workbook import SUFFIXES, workbook_rows

_FIELD_LINES = 200
"""Lines that one row may span, in quoted fields. A quote that is still open then was never meant to be one."""
_DELIMITERS = ";,\t|"
_NDJSON = {".ndjson", ".jsonl"}
_BINARY = {".xls", ".xlsb", ".ods", ".zip", ".gz", ".pdf", ".docx"}


def read_rows(
    path: Path, file: BinaryIO, options: Mapping[str, Any], words: frozenset[str] = frozenset()
) -> Iterator[Row]:
    """The rows of a file, lazily.

    Options: `format` (`csv`, `ndjson`, `xlsx`; by default as the file's name ends), `columns` (see `columns.checked`),
    `delimiter` and `encoding` of CSV, `sheet` and `header_row` of workbooks. `words` are the names that the channel may
    read.

    Raises:
        UnreadableFile: it is no such file at all.
    """
    suffix = path.suffix.lower()
    if suffix in _BINARY:
        raise UnreadableFile(f"files of the kind {suffix} are not read; save the sheet as .xlsx or CSV UTF-8")
    if suffix in SUFFIXES or options.get("format") == "xlsx":
        return workbook_rows(file, options, words)
    lines = Lines(file, options.get("encoding"))
    kind = options.get("format") or ("ndjson" if suffix in _NDJSON else "csv")
    if kind == "ndjson":
        return _json_rows(lines)
    if suffix == ".json" and "format" not in options:
        raise UnreadableFile("a .json file is read only as NDJSON: one object on each line, in a file called .ndjson")
    return _csv_rows(lines, options, words)


def _json_rows(lines: Lines) -> Iterator[Row]:
    while (line := lines.take()) is not None:
        text = line.text.strip()
        if line.too_long:
            yield _too_long(line)
        elif text:
            yield Row(line.number, _bytes(text))


def _csv_rows(lines: Lines, options: Mapping[str, Any], words: frozenset[str]) -> Iterator[Row]:
    delimiter, header = _header(lines, options, words)
    while (first := lines.take()) is not None:
        if first.too_long:
            yield _too_long(first)
            continue
        fields, defect, last = _record(first, lines, delimiter)
        if not any(field.strip() for field in fields):
            continue
        if why := defect or _fault(header, fields, last):
            yield Row(first.number, _bytes(first.text.rstrip("\r\n")), why)
        else:
            yield Row(first.number, _document(header, fields))


def _record(first: Line, lines: Lines, delimiter: str) -> tuple[list[str], str | None, Line]:
    """The fields of a row that begins on `first`, why it is none, and its last line."""
    taken, wanted_more = [first], False

    def feed() -> Iterator[str]:
        nonlocal wanted_more
        yield first.text
        while len(taken) < _FIELD_LINES and (line := lines.take()) is not None:
            taken.append(line)
            yield line.text
        wanted_more = True

    try:
        fields = next(csv.reader(feed(), delimiter=delimiter), [])
    except csv.Error as error:
        lines.put_back(taken[1:])
        return [first.text], f"this is no row of the file: {error}", first
    if wanted_more:
        # Whatever the open quote swallowed is read again, row by row.
        lines.put_back(taken[1:])
        return [first.text], "a quotation mark is opened and never closed", first
    return fields, None, taken[-1]


def _document(header: list[str], fields: list[str]) -> bytes:
    padded = fields + [""] * (len(header) - len(fields))
    return _bytes(json.dumps(dict(zip(header, padded, strict=False)), ensure_ascii=False, separators=(",", ":")))


def _fault(header: list[str], fields: list[str], last: Line) -> str | None:
    if any(field.strip() for field in fields[len(header) :]):
        return (
            f"the row has {len(fields)} fields, the header {len(header)}; a field that holds the separator needs quotes"
        )
    if len(fields) < len(header) and not last.complete:
        return "the file ends in the middle of this row"
    return None


def _header(lines: Lines, options: Mapping[str, Any], words: frozenset[str]) -> tuple[str, list[str]]:
    delimiter = options.get("delimiter")
    first = _first_with_text(lines)
    if re.fullmatch(r'"?sep=."?', first.text.strip()):  # what spreadsheets write to themselves
        delimiter = delimiter or first.text.strip().strip('"')[-1]
        first = _first_with_text(lines)
    delimiter = str(delimiter or _sniff(first.text))
    if len(delimiter) != 1:
        raise UnreadableFile(f'the setting `delimiter` is one character, not "{delimiter}"')
    names, defect, _ = _record(first, lines, delimiter)
    if defect:
        raise UnreadableFile(f"line {first.number}: {defect}. The first line names the columns, each by another name")
    return delimiter, checked(names, options, words, place=f"line {first.number}")


def _first_with_text(lines: Lines) -> Line:
    while (line := lines.take()) is not None:
        if line.too_long:
            break
        if line.text.strip(" \t\r\n;,|"):
            return line
    raise UnreadableFile("the file has no line with the names of its columns")


def _sniff(header: str) -> str:
    outside = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=outside.count)


def _too_long(line: Line) -> Row:
    return Row(line.number, _bytes(line.text[:1000]), "the line is longer than 1 MiB; this is its beginning")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
