"""`muara import`: a file's rows."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, query, rewrite
from tests.outside import refused

ROWS = (
    "no;tanggal;nama;telepon;alamat;isi_laporan\n"
    "1;24/11/2026;Wayan;0811-0000-0031;Jl. Mawar;Saluran tersumbat\n"
    "2;24/11/2026;Made;0811-0000-0032;Jl. Melati;Sampah menumpuk\n"
    "3;24/11/2026;Putu;0811-0000-0033;Jl. Anggrek;Lampu mati;satu kolom lebih\n"
)


@pytest.fixture
def desk(fresh: Path) -> Path:
    """A home with a source of files and one of webhooks."""
    rewrite(fresh, "sources: {}\n", "sources:\n  buku: {channel: kecamatan_csv}\n  rs: {channel: opd_webhook}\n")
    return fresh


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "buku [1].csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def accepted(home: Path) -> list[dict[str, object]]:
    """What stands on the log for the normalizer."""
    found = query(home, "SELECT value FROM records WHERE topic = 'complaints.raw'", database="log.db")
    return [json.loads(value) for (value,) in found]


def test_rows_are_accepted_and_counted(cli: Run, desk: Path, book: Path) -> None:
    done = cli("import", book, "--source", "buku", "--home", desk, "--json")
    assert done.returncode == 0, done.said
    assert json.loads(done.out) == {
        "file": "buku [1].csv", "source": "buku", "rows": 3, "defects": 1, "historical": False,
    }  # fmt: skip
    records = accepted(desk)
    assert len(records) == 3
    assert {record["source"] for record in records} == {"buku"}
    assert not any(record["historical"] for record in records)


def test_says_how_far_it_is_apart_from_what_scripts_read(cli: Run, desk: Path, book: Path) -> None:
    done = cli("import", book, "--source", "buku", "--home", desk)
    assert "buku [1].csv: 3 rows, 100 %" in done.err
    assert done.out.startswith("buku [1].csv: 3 rows accepted, 1 of them unreadable")
    assert "`muara dead list`" in done.out


def test_what_is_historical_is_marked(cli: Run, desk: Path, book: Path) -> None:
    done = cli("import", book, "--source", "buku", "--home", desk, "--historical", "--json")
    assert json.loads(done.out)["historical"] is True
    assert all(record["historical"] for record in accepted(desk))


def test_the_same_file_again_has_the_same_ids(cli: Run, desk: Path, book: Path) -> None:
    for _ in range(2):
        assert cli("import", book, "--source", "buku", "--home", desk).returncode == 0
    assert len({record["message_id"] for record in accepted(desk)}) == 3


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("bku", ["there is no source 'bku'", "use one of buku, rs"]),
        ("rs", ["receives by webhook, not by files", "name a source whose channel's transport is files"]),
    ],
)
def test_a_source_that_cannot_take_files(cli: Run, desk: Path, book: Path, source: str, words: list[str]) -> None:
    said = refused(cli("import", book, "--source", source, "--home", desk), *words)
    assert len(said.splitlines()) == 1
    assert not (desk / "data").exists()


def test_files_that_cannot_be_read(cli: Run, desk: Path, tmp_path: Path) -> None:
    refused(cli("import", tmp_path / "none.csv", "--source", "buku", "--home", desk), "none.csv: no such file")
    refused(cli("import", tmp_path, "--source", "buku", "--home", desk), str(tmp_path))
    (tmp_path / "x.csv").write_bytes(b"PK\x03\x04\x00\x00\x00" + bytes(range(256)) * 20)
    said = refused(cli("import", tmp_path / "x.csv", "--source", "buku", "--home", desk), "x.csv")
    assert len(said.splitlines()) == 1


def test_no_home_and_no_source(cli: Run, tmp_path: Path, book: Path) -> None:
    refused(cli("import", book, "--source", "buku", "--home", tmp_path), "has no muara.yaml", "muara init")
    refused(cli("import", book), "Missing option '--source'")
