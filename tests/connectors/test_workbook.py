"""Excel workbooks as agencies keep them, and those that are made to hurt."""

import io
import json
import resource
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.dry_run import parse
from connectors.files import archive, extent
from connectors.files.columns import words_of
from connectors.files.lines import UnreadableFile
from connectors.files.rows import read_rows
from recipes.inbound import Inbound
from recipes.library import load_channel

from .workbooks import Cell, packed, workbook

RECAP = load_channel(Path(__file__).parents[2] / "connectors" / "channels" / "lapor_recap_xlsx.yaml")
HEADER: list[Cell] = ["No", "Tanggal", "Tracking\nID", "USER", "JUDUL", "STAKEHOLDER", "TANGGAPAN", "KETERANGAN"]
ROW: list[Cell] = [1, date(2026, 11, 24), 9165816, "Putu Contoh", "Lampu mati", "Dishub", "Sudah", "Selesai"]


def rows(content: bytes, name: str = "rekap.xlsx", **options: Any) -> list[tuple[int, dict[str, str], str | None]]:  # noqa: ANN401 any setting
    found = read_rows(Path(name), io.BytesIO(content), options, words_of(RECAP))
    return [(row.line, json.loads(row.payload), row.defect) for row in found]


def test_a_recap_as_agencies_keep_it_is_adopted_row_by_row() -> None:
    sheet: list[list[Cell]] = [
        [],
        ["REKAPITULASI LAPORAN", None, "NOVEMBER 2026"],
        ["Dinas Contoh"],
        HEADER,
        ROW,
        [2, None, "#9165817", "Anonim", "Pungutan liar", "Inspektorat"],
        [],
        [3, datetime(2026, 11, 25, 14, 5), None, "Made Contoh", "Sampah menumpuk"],  # noqa: DTZ001 a spreadsheet knows no zones
        HEADER,
        ["Jumlah", None, None, None, "3"],
    ]
    content = workbook({"Petunjuk": [["x"]], "Rekap": sheet}, merged=["A2:E2", "B5:B6"], hidden=["Petunjuk"])
    found = parse(RECAP, Inbound(content, ""), filename="rekap.xlsx")
    assert [(each["outcome"], each["external_id"], each["reason"]) for each in found] == [
        ("accepted", "9165816", None),
        ("accepted", "9165817", None),
        ("accepted", None, None),
        ("ignored", None, "summary"),
    ]
    first, second, third = (each["complaint"] for each in found[:3])
    assert (first["hub_receipt"], second["hub_receipt"], third.get("hub_receipt")) == ("9165816", "9165817", None)
    assert (first["sent_at"], second["sent_at"]) == ("2026-11-23T17:00:00Z", "2026-11-23T17:00:00Z")
    assert third["sent_at"] == "2026-11-25T07:05:00Z"
    assert [line for line, _, _ in rows(content)] == [5, 6, 8, 10]


def test_a_table_that_begins_in_the_third_column_and_values_of_every_kind() -> None:
    sheet: list[list[Cell]] = [
        [],
        [None, None, "Judul", "Nilai", ""],
        [None, None, "a", 1.5],
        [None, None, "b", 81100000032.0],
        [None, None, None, True],
    ]
    assert [document for _, document, _ in rows(workbook({"A": sheet}, merged=["C4:C5"]))] == [
        {"judul": "a", "nilai": "1.5"},
        {"judul": "b", "nilai": "81100000032"},
        {"judul": "b", "nilai": "true"},
    ]


def test_a_row_with_more_values_than_names_is_a_defect_and_its_neighbours_flow() -> None:
    found = rows(workbook({"A": [["No", "Judul"], [1, "a"], [2, "b", "c"], [3, "d"]]}))
    assert [defect for _, _, defect in found] == [None, "row 3 has values beyond the last named column", None]


def test_the_sheet_and_the_header_may_be_named() -> None:
    content = workbook({"A": [["Judul"], ["a"]], "B ": [["Judul", "x"], ["Judul", "No"], ["b", 1]]})
    assert [document for _, document, _ in rows(content, sheet="b", header_row=2)] == [{"judul": "b", "no": "1"}]
    assert [document for _, document, _ in rows(content, sheet=1)] == [{"judul": "a"}]
    assert [document for _, document, _ in rows(content, name="unggahan", format="xlsx")] == [{"judul": "a"}]


def bomb(size: int) -> bytes:
    return packed({"xl/worksheets/sheet1.xml": "<a>" + " " * size + "</a>"})


def scattered(last: str) -> bytes:
    body = f'<row><c r="A1"><v>1</v></c></row><row><c r="{last}"><v>1</v></c></row>'
    return packed({"xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{body}</sheetData></worksheet>"})


def repeated() -> bytes:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 6_000))
    return packed(
        {
            "xl/sharedStrings.xml": f"<sst><si><t>{'a' * 32_000}</t></si></sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{cells}</sheetData></worksheet>",
        }
    )


def broken() -> bytes:
    return workbook({"A": [HEADER, ROW]})[:-200]


def encrypted_member() -> bytes:
    content = bytearray(workbook({"A": [HEADER, ROW]}))
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.find(mark) + place] |= 1
    return bytes(content)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTITIES = (
    '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><worksheet><c>&b;</c></worksheet>'
)
REFUSED = {
    "password": (OLE + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "member with a password": (encrypted_member(), "protected by a password"),
    "old Excel": (OLE + b"\0" * 500, "an old Excel"),
    "text with a wrong name": (b"No;Judul\n1;a\n", "no workbook, although its name says so"),
    "broken off": (broken(), "damaged or broke off"),
    "bomb": (bomb(archive.EXPANDED_LIMIT + 1), "unpacks to more than 128 MiB"),
    "cells far apart": (scattered("XFD1048576"), "reaches to row 1048576, column 16384"),
    "one text a million times": (repeated(), "more than 128 million characters"),
    "XML that is none": (packed({"xl/worksheets/sheet1.xml": "<worksheet><c>"}), "damaged"),
    "entities": (packed({"xl/worksheets/sheet1.xml": ENTITIES}), "damaged"),
    "any archive": (packed({"a.txt": "a"}), "cannot be read"),
    "too many parts": (packed({f"{n}.txt": "" for n in range(2_001)}), "more than 2000 parts"),
    "nothing in it": (workbook({"A": []}), "nothing in its first 50 rows"),
    "another sheet": (workbook({"A": [["warna", "ukuran"], ["merah", "besar"]]}), "does not have any column"),
    "one name twice": (workbook({"A": [["Judul", "judul"], ["a", "b"]]}), 'two columns are called "judul"'),
    "all hidden": (workbook({"A": [HEADER]}, hidden=["A"]), "does not have a visible sheet"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_workbook_that_cannot_be_read_is_refused_in_words(name: str) -> None:
    content, why = REFUSED[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadableFile, match=why):
        rows(content)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 * 1024, "KiB"


def test_a_size_that_lies_unpacks_to_no_more() -> None:
    content = bytearray(bomb(archive.EXPANDED_LIMIT + 1))
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.find(mark) + place
        content[at : at + 4] = (1000).to_bytes(4, "little")
    with pytest.raises(UnreadableFile, match="damaged"):
        rows(bytes(content))


@pytest.mark.parametrize("element", ["<row/>", '<c r="A1"/>', "<si/>"])
def test_more_empty_elements_than_any_recap_has(element: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "ELEMENT_LIMIT", 1_000)
    with pytest.raises(UnreadableFile, match="more than 1000 cells, rows or texts, which is more than can be read"):
        rows(packed({"xl/worksheets/sheet1.xml": f"<worksheet>{element * 1_001}</worksheet>"}))


def test_a_sheet_that_is_not_there() -> None:
    with pytest.raises(UnreadableFile, match="'Rekap' of the setting `sheet`; it has A"):
        rows(workbook({"A": [HEADER, ROW]}), sheet="Rekap")


def test_ten_thousand_rows_are_read() -> None:
    many: list[list[Cell]] = [
        [n, date(2026, 11, 24), 9_000_000 + n, "Putu Contoh", f"Lampu {n} mati " * 20, "Dishub"] for n in range(10_000)
    ]
    content = workbook({"A": [HEADER, *many]})
    assert len(rows(content)) == 10_000


def test_pictures_and_macros_are_left_out() -> None:
    luggage = io.BytesIO(workbook({"A": [HEADER, ROW]}))
    with zipfile.ZipFile(luggage, "a") as more:
        more.writestr("xl/media/image1.png", b"x" * 1_000_000)
        more.writestr("xl/vbaProject.bin", b"x" * 1_000_000)
    assert len(archive.measured(luggage).getvalue()) < 100_000
    assert len(rows(luggage.getvalue())) == 1
