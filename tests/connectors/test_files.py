"""CSV and NDJSON files: every row accounted for, none twice."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.acceptance import Accepted, Delivery
from connectors.files.columns import fold
from connectors.files.folder import DropFolder, FolderUnusable
from connectors.files.importer import ImportStopped, Progress, import_file
from connectors.files.lines import UnreadableFile
from connectors.files.row import Row
from connectors.files.rows import read_rows
from connectors.leases import Leases
from connectors.source import Source
from recipes.channel import Channel

from .conftest import House, make_channel


@pytest.fixture
def book() -> Channel:
    """Rows without an id of their own."""
    return make_channel(
        "buku",
        {
            "transport": "files",
            "decode": "row",
            "sent_at": {"timestamp": "tanggal", "format": "DD/MM/YYYY", "invalid": "nothing"},
        },
        {"text": "isi"},
    )


@pytest.fixture
def register() -> Channel:
    """Rows with an id."""
    return make_channel("register", {"transport": "files", "decode": "row", "external_id": "id"}, {"text": "isi"})


def rows(tmp_path: Path, content: bytes, name: str = "laporan.csv", **options: Any) -> list[Row]:  # noqa: ANN401
    path = tmp_path / name
    path.write_bytes(content)
    with path.open("rb") as file:
        return list(read_rows(path, file, options))


def documents(found: list[Row]) -> list[dict[str, str]]:
    return [json.loads(row.payload) for row in found if row.defect is None]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"Isi Laporan,No. HP\na,b\n", [{"isi_laporan": "a", "no_hp": "b"}], id="names folded"),
        pytest.param(b"\xef\xbb\xbfisi;hp\r\na,1;b\r\n", [{"isi": "a,1", "hp": "b"}], id="UTF-8 mark, semicolons"),
        pytest.param(b"isi\thp\nx\ty", [{"isi": "x", "hp": "y"}], id="tabs, no last line end"),
        pytest.param(b"isi|hp\nx|y\n", [{"isi": "x", "hp": "y"}], id="bars"),
        pytest.param(b"sep=;\nisi;hp\nx;y\n", [{"isi": "x", "hp": "y"}], id="sep="),
        pytest.param("isi,hp\né,ü\n".encode("cp1252"), [{"isi": "é", "hp": "ü"}], id="Windows-1252"),
        pytest.param("isi,hp\né,ü\n".encode(), [{"isi": "é", "hp": "ü"}], id="UTF-8"),
        pytest.param(
            "isi,hp\né,1\n".encode() + "ü,2\n".encode("cp1252"),
            [{"isi": "é", "hp": "1"}, {"isi": "ü", "hp": "2"}], id="pasted from two encodings",
        ),
        pytest.param("isi\thp\né\tü\n".encode("utf-16"), [{"isi": "é", "hp": "ü"}], id="UTF-16"),
        pytest.param("isi,hp\nĊ,1\nx,2".encode("utf-16"),
                     [{"isi": "Ċ", "hp": "1"}, {"isi": "x", "hp": "2"}], id="UTF-16 with bytes like a line end"),
        pytest.param(b'isi,hp\n"dua\nbaris, ya","2"\n', [{"isi": "dua\nbaris, ya", "hp": "2"}], id="quoted lines"),
        pytest.param(b'isi,hp\n"kata ""itu""",1\n', [{"isi": 'kata "itu"', "hp": "1"}], id="doubled quotes"),
        pytest.param(b'isi,hp\npipa 3" bocor,1\n', [{"isi": 'pipa 3" bocor', "hp": "1"}], id="an inch is no quote"),
        pytest.param(b"isi,hp\n\n , \nx,1\n", [{"isi": "x", "hp": "1"}], id="empty rows"),
        pytest.param(b"isi,hp,alamat\nx,1\ny,2,z\n",
                     [{"isi": "x", "hp": "1", "alamat": ""}, {"isi": "y", "hp": "2", "alamat": "z"}],
                     id="the spreadsheet left trailing fields out"),
        pytest.param(b"isi,hp\nx,1,,\n", [{"isi": "x", "hp": "1"}], id="empty fields too many"),
        pytest.param(b"isi,hp\nx\x00y,1\n", [{"isi": "x\0y", "hp": "1"}], id="NUL"),
        pytest.param(b"isi,,hp\nx,y,z\n", [{"isi": "x", "kolom_2": "y", "hp": "z"}], id="a column without a name"),
    ],
)  # fmt: skip
def test_csv_as_programs_write_it(tmp_path: Path, content: bytes, expected: list[dict[str, str]]) -> None:
    found = rows(tmp_path, content)
    assert [row.defect for row in found] == [None] * len(expected)
    assert documents(found) == expected


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        pytest.param(b"satu,dua,tiga,empat", "the row has 4 fields, the header 2", id="too many fields"),
        pytest.param(b'"tak pernah ditutup,1', "never closed", id="open quote"),
        pytest.param(b"x\ry,1", "no row of the file", id="CR inside"),
        pytest.param(b"z" * 1_100_000 + b",1", "longer than 1 MiB", id="endless line"),
        pytest.param(b"z" * 200_000 + b",1", "field limit", id="endless field"),
    ],
)
def test_trap_4_a_bad_row_in_the_middle_takes_nothing_down_with_it(tmp_path: Path, bad: bytes, why: str) -> None:
    found = rows(tmp_path, b"isi,hp\nsebelum,1\n" + bad + b"\nsesudah,2\nlagi,3\n")
    assert [row.line for row in found] == [2, 3, 4, 5]
    assert [bool(row.defect) for row in found] == [False, True, False, False]
    assert why in (found[1].defect or "")
    assert documents(found) == [{"isi": i, "hp": h} for i, h in (("sebelum", "1"), ("sesudah", "2"), ("lagi", "3"))]


def test_a_row_that_was_cut_off_is_a_defect(tmp_path: Path) -> None:
    found = rows(tmp_path, b"id,isi,hp\n1,air mati,081\n2,lampu ma")
    assert [row.defect for row in found] == [None, "the file ends in the middle of this row"]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    assert [row.line for row in rows(tmp_path, b'\nisi,hp\n"a\nb",1\n\nc,2\n')] == [3, 6]


@pytest.mark.parametrize(
    ("content", "name", "options", "why"),
    [
        (b"", "a.csv", {}, "no line with the names"),
        (b"\n\n;;\n", "a.csv", {}, "no line with the names"),
        (b"PK\x03\x04" + b"\0" * 50, "a.csv", {}, "workbook or an archive"),
        (b'{"a":1}', "a.json", {}, "one object on each line"),
        (b"x", "a.xls", {}, "save the sheet as .xlsx or CSV"),
        (b"x", "a.xlsx", {}, "this is no workbook, although its name says so"),
        (b"PK\x03\x04", "a.csv", {}, "workbook or an archive"),
        (b"\0\1\2\3" * 50, "a.csv", {}, "no text file"),
        (b"isi,hp\rx,1\r", "a.csv", {}, "CR only"),
        (b"isi,ISI\nx,1\n", "a.csv", {}, 'two columns are called "isi"'),
        (b"isi,hp\nx,1\n", "a.csv", {"columns": ["Alamat", "isi"]}, "does not have the column alamat"),
        (b"isi,hp\n", "a.csv", {"delimiter": ",,"}, "one character"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes, name: str, options: dict[str, Any], why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        rows(tmp_path, content, name, **options)


def test_ndjson_keeps_its_lines_verbatim(tmp_path: Path) -> None:
    found = rows(tmp_path, b'\xef\xbb\xbf{"a": 1}\r\n\n{"b":\n' + b"x" * 1_100_000 + b'\n{"c":3}', "a.ndjson")
    assert [row.line for row in found] == [1, 3, 4, 5]
    assert [found[i].payload for i in (0, 1, 3)] == [b'{"a": 1}', b'{"b":', b'{"c":3}']
    assert [bool(row.defect) for row in found] == [False, False, True, False], "whether JSON is JSON, the recipe judges"


def test_fold() -> None:
    assert [fold(name) for name in (" Isi  Laporan ", "No. HP", "TANGGAL", "№")] == [
        "isi_laporan", "no_hp", "tanggal", "no",
    ]  # fmt: skip


async def test_a_file_becomes_messages_with_their_lines(
    house: House, make_source: Callable[..., Source], book: Channel, tmp_path: Path
) -> None:
    path = tmp_path / "laporan.csv"
    path.write_bytes(b"tanggal;isi\n24/11/2026;Air mati\n24/11/2026;x;y\n25/11/2026;Lampu mati\n")
    seen: list[Progress] = []
    done = await import_file(path, make_source(book), house.acceptance, historical=True, progress=seen.append)
    assert (done.rows, done.defects, done.bytes_read, done.bytes_total) == (3, 1, path.stat().st_size, done.bytes_read)
    assert seen == [done]
    raws = await house.raws()
    assert [raw.provenance for raw in raws] == ["laporan.csv:2", "laporan.csv:3", "laporan.csv:4"]
    assert [bool(raw.defect) for raw in raws] == [False, True, False]
    assert all(raw.historical for raw in raws)
    assert json.loads(await house.payload(raws[0])) == {"tanggal": "24/11/2026", "isi": "Air mati"}


async def test_trap_10_ten_thousand_rows_aborted_and_uploaded_again(
    house: House, make_source: Callable[..., Source], book: Channel, tmp_path: Path
) -> None:
    # Every tenth row is an honest double of the one before it.
    lines = [f"24/11/2026;Laporan nomor {n - (n % 10 == 9)}" for n in range(10_000)]
    path = tmp_path / "laporan.csv"
    path.write_text("tanggal;isi\n" + "\n".join(lines) + "\n", encoding="utf-8")
    source = make_source(book)

    class Aborted(Exception):
        pass

    def abort(progress: Progress) -> None:
        if progress.rows >= 4_000:
            raise Aborted

    with pytest.raises(Aborted):
        await import_file(path, source, house.acceptance, progress=abort)
    first = [raw.message_id for raw in await house.raws()]
    assert 4_000 <= len(first) < 10_000
    done = await import_file(path, source, house.acceptance)
    assert done.rows == 10_000
    again = [raw.message_id for raw in (await house.raws())[len(first) :]]
    assert again[: len(first)] == first, "the same rows are the same messages"
    assert len(set(again)) == 10_000, "and honest doubles are two"


async def test_the_log_goes_away_in_the_middle(
    house: House, make_source: Callable[..., Source], register: Channel, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id,isi\n" + "".join(f"{n},Laporan {n}\n" for n in range(1200)), encoding="utf-8")
    source = make_source(register)

    def away(progress: Progress) -> None:
        house.bus.away = progress.rows == 500

    with pytest.raises(ImportStopped, match=r"stopped after 500 rows: .*no doubles"):
        await import_file(path, source, house.acceptance, progress=away, patience=0.3)
    house.bus.away = False
    await import_file(path, source, house.acceptance)
    assert len({raw.message_id for raw in await house.raws()}) == 1200


async def test_one_id_for_two_different_rows_loses_neither(
    house: House, make_source: Callable[..., Source], register: Channel, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id,isi\n1,Air mati\n1,Lampu mati\n1,Air mati\n", encoding="utf-8")
    for _ in range(2):
        await import_file(path, make_source(register), house.acceptance)
    raws = await house.raws()
    assert len({raw.message_id for raw in raws}) == 2
    assert [bool(raw.defect) for raw in raws[:3]] == [False, True, False]
    assert "same id" in (raws[1].defect or "")


async def test_a_file_without_a_line_of_names_loses_no_row(
    house: House, make_source: Callable[..., Source], book: Channel, tmp_path: Path
) -> None:
    path = tmp_path / "laporan.csv"
    path.write_text("24/11/2026;Lampu mati\n25/11/2026;Air mati\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="is its first line the names") as raised:
        await import_file(path, make_source(book), house.acceptance)
    assert "lampu" not in str(raised.value).lower()
    assert await house.raws() == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "masuk").mkdir()
    return tmp_path / "masuk"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_drop_folder_takes_only_files_that_have_come_to_rest(
    house: House, make_source: Callable[..., Source], register: Channel, folder: Path, leases: Leases
) -> None:
    drop = DropFolder(folder, make_source(register), house.acceptance, leases)
    (folder / "a.csv").write_text("id,isi\n1,Air", encoding="utf-8")
    (folder / "b.csv.part").write_text("id,isi\n9,x\n", encoding="utf-8")
    (folder / ".c.csv").write_text("id,isi\n9,x\n", encoding="utf-8")
    (folder / "d.csv").symlink_to("/etc/hostname")
    assert await drop.look() == 0, "just seen"
    (folder / "a.csv").write_text("id,isi\n1,Air mati\n", encoding="utf-8")
    assert await drop.look() == 0, "it has grown"
    assert await drop.look() == 1
    assert await drop.look() == 0
    assert names(folder / "done") == {"a.csv"}
    assert names(folder) == {"done", "failed", "b.csv.part", ".c.csv", "d.csv"}
    [raw] = await house.raws()
    assert json.loads(await house.payload(raw)) == {"id": "1", "isi": "Air mati"}


async def test_an_unreadable_file_is_put_aside_with_its_reason_and_the_next_is_taken(
    house: House, make_source: Callable[..., Source], register: Channel, folder: Path, leases: Leases
) -> None:
    drop = DropFolder(folder, make_source(register), house.acceptance, leases)
    (folder / "a.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "b.csv").write_text("id,isi\n1,x\n", encoding="utf-8")
    await drop.look()
    await drop.look()
    assert "the workbook is damaged" in (folder / "failed" / "a.xlsx.reason.txt").read_text(encoding="utf-8")
    assert (folder / "failed" / "a.xlsx").exists()
    assert (folder / "done" / "b.csv").exists()
    assert house.counted("register", "unreadable_file") == 1


async def test_a_file_of_the_same_name_replaces_nothing(
    house: House, make_source: Callable[..., Source], register: Channel, folder: Path, leases: Leases
) -> None:
    drop = DropFolder(folder, make_source(register), house.acceptance, leases)
    for text in ("satu", "dua"):
        (folder / "harian.csv").write_text(f"id,isi\n{text},{text}\n", encoding="utf-8")
        await drop.look()
        await drop.look()
    kept = sorted(path.read_text(encoding="utf-8").split()[1] for path in (folder / "done").iterdir())
    assert kept == ["dua,dua", "satu,satu"]
    assert len(await house.raws()) == 2


async def test_a_crash_between_import_and_move_makes_no_doubles(
    house: House, make_source: Callable[..., Source], register: Channel, folder: Path, leases: Leases
) -> None:
    (folder / "a.csv").write_text("id,isi\n1,x\n2,y\n", encoding="utf-8")
    await import_file(folder / "a.csv", make_source(register), house.acceptance)  # and then the power failed
    drop = DropFolder(folder, make_source(register), house.acceptance, leases)
    await drop.look()
    await drop.look()
    raws = await house.raws()
    assert (len(raws), len({raw.message_id for raw in raws})) == (4, 2)
    assert (folder / "done" / "a.csv").exists()


async def test_a_folder_that_cannot_be_used_says_so(
    house: House, make_source: Callable[..., Source], register: Channel, tmp_path: Path, leases: Leases
) -> None:
    (tmp_path / "masuk").write_text("a file stands in the way", encoding="utf-8")
    with pytest.raises(FolderUnusable, match="give this user the right"):
        await DropFolder(tmp_path / "masuk", make_source(register), house.acceptance, leases).look()


def test_endless_lines_of_utf_16(tmp_path: Path) -> None:
    text = "isi,hp\n" + "z" * 1_500_001 + ",1\nsesudah,2\n" + "y" * 700_000
    found = rows(tmp_path, text.encode("utf-16"))
    assert [(row.line, bool(row.defect)) for row in found] == [(2, True), (3, False), (4, True)]
    assert documents(found) == [{"isi": "sesudah", "hp": "2"}]


def test_a_named_encoding_is_obeyed(tmp_path: Path) -> None:
    assert documents(rows(tmp_path, b"isi,hp\n\xc3\xa9,1\n", encoding="latin-1")) == [{"isi": "Ã©", "hp": "1"}]


def block(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("a file stands in the way", encoding="utf-8")


def unblock(folder: Path) -> None:
    folder.unlink()
    folder.mkdir(exist_ok=True)  # the watcher may have been faster
    (folder / "a.csv").write_text("id,isi\n1,x\n", encoding="utf-8")


async def test_a_folder_that_fails_is_told_and_comes_back(
    house: House, make_source: Callable[..., Source], register: Channel, folder: Path, leases: Leases
) -> None:
    drop, stopping = DropFolder(folder, make_source(register), house.acceptance, leases, interval=0.01), asyncio.Event()
    block(folder)
    running = asyncio.create_task(drop.run(stopping))
    async with asyncio.timeout(10):
        while drop.problem is None:  # noqa: ASYNC110 the folder has no event for this
            await asyncio.sleep(0.005)
        assert "give this user the right" in drop.problem
        unblock(folder)
        while not await house.raws():  # noqa: ASYNC110 the log tells nobody outside
            await asyncio.sleep(0.005)
    stopping.set()
    await running
    assert house.registry.get_sample_value("muara_source_failures_total", {"channel": "berkas"}) is None
    assert house.registry.get_sample_value("muara_source_failures_total", {"channel": "register"})


async def test_a_file_replaced_while_it_is_read_is_read_too(
    house: House,
    make_source: Callable[..., Source],
    register: Channel,
    folder: Path,
    leases: Leases,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop = DropFolder(folder, make_source(register), house.acceptance, leases)
    (folder / "a.csv").write_text("id,isi\n1,Air mati\n", encoding="utf-8")
    await drop.look()
    accept_all = house.acceptance.accept_all

    async def replaced_meanwhile(deliveries: Sequence[Delivery]) -> Accepted:
        monkeypatch.undo()
        (folder / "a.csv").write_text("id,isi\n1,Air mati\n2,Lampu padam\n", encoding="utf-8")
        return await accept_all(deliveries)

    monkeypatch.setattr(house.acceptance, "accept_all", replaced_meanwhile)
    for _ in range(3):
        await drop.look()
    assert len(await house.raws()) == 3, "the first file's row, and both rows of the second"
    assert names(folder) == {"done", "failed"}


async def test_what_a_crash_left_aside_is_imported_by_the_next_process(
    house: House, make_source: Callable[..., Source], register: Channel, folder: Path, leases: Leases
) -> None:
    (folder / ".taken").mkdir(parents=True)
    (folder / ".taken" / "a.csv").write_text("id,isi\n1,Air mati\n", encoding="utf-8")
    await DropFolder(folder, make_source(register), house.acceptance, leases).look()
    assert len(await house.raws()) == 1
    assert (folder / "done" / "a.csv").exists()
