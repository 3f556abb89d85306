"""Workbooks as spreadsheets write them, made by hand: shared texts, days as numbers with a format, merged areas."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape

Cell = str | float | date | datetime | None
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_SCHEMAS = "schemas.openxmlformats.org"
"""In names of namespaces; nothing is asked for there."""
_MAIN = f"http://{_SCHEMAS}/spreadsheetml/2006/main"
_RELATIONS = f"http://{_SCHEMAS}/officeDocument/2006/relationships"
_PACKAGE = f"http://{_SCHEMAS}/package/2006"


def workbook(
    sheets: Mapping[str, Sequence[Sequence[Cell]]], *, merged: Sequence[str] = (), hidden: Sequence[str] = ()
) -> bytes:
    """A workbook of those sheets; `merged` are the areas of each of them, such as `A2:A4`."""
    texts: dict[str, int] = {}
    parts = {
        f"xl/worksheets/sheet{number}.xml": _sheet(rows, merged, texts)
        for number, rows in enumerate(sheets.values(), 1)
    }
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"'
        f' state="{"hidden" if name in hidden else "visible"}"/>'
        for n, name in zip(numbers, sheets, strict=True)
    )
    parts["xl/workbook.xml"] = f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>'
    parts["xl/styles.xml"] = (
        f'<styleSheet xmlns="{_MAIN}"><cellXfs>'
        '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>'
    )
    shared = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}">{shared}</sst>'
    targets = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    targets += [("rIdS", "sharedStrings", "sharedStrings.xml"), ("rIdF", "styles", "styles.xml")]
    related = "".join(f'<Relationship Id="{i}" Type="{_RELATIONS}/{kind}" Target="{t}"/>' for i, kind, t in targets)
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
    )
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    return packed(parts)


def packed(parts: Mapping[str, str]) -> bytes:
    """The parts in one archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, _HEAD + content)
    return target.getvalue()


def _sheet(rows: Sequence[Sequence[Cell]], merged: Sequence[str], texts: dict[str, int]) -> str:
    body = ""
    for number, row in enumerate(rows, 1):
        cells = (_cell(f"{chr(64 + column)}{number}", cell, texts) for column, cell in enumerate(row, 1))
        body += f'<row r="{number}">{"".join(cells)}</row>'
    areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    joined = f"<mergeCells>{areas}</mergeCells>" if merged else ""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData>{joined}</worksheet>'


def _cell(reference: str, value: Cell, texts: dict[str, int]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c r="{reference}" t="s"><v>{texts.setdefault(value, len(texts))}</v></c>'
    if isinstance(value, datetime):
        passed = value - datetime(1899, 12, 30)  # noqa: DTZ001 a spreadsheet knows no zones
        return f'<c r="{reference}" s="2"><v>{passed.total_seconds() / 86400!r}</v></c>'
    if isinstance(value, date):
        return f'<c r="{reference}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    return f'<c r="{reference}"><v>{value!r}</v></c>'
