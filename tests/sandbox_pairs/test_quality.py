"""`make bench-quality` measures, whatever it finds."""

from datetime import date
from pathlib import Path

import pytest

from benchmarks.quality import __main__ as bench
from benchmarks.quality import candidates, kept, page
from benchmarks.quality.report import Part, Table, as_markdown, as_text
from normalizer.dedup.keys import KeyMaker
from tools.services.missing import PartMissing
from tools.services.postgres import PostgresServer


def test_pairs_are_judged_by_the_command_and_told_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--only", "dedup", "--set", "tuning", "--pairs", "120"]) == 0
    printed = capsys.readouterr().out
    last = dict(word.split("=") for word in printed.splitlines()[-1].removeprefix("quality: ").split())
    assert last["candidates_recall"] == last["per_message"] == "not_measured"
    assert 0.5 < float(last["merge_r"]) <= 1
    assert 0.5 < float(last["merge_p"]) <= 1
    assert "retyped" in printed


def test_candidates_are_sought_in_a_history_of_each_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(folder: Path) -> None:
        raise PartMissing("PostgreSQL", "there is none here", "install it")

    monkeypatch.setattr(PostgresServer, "make", nowhere)
    found = candidates.measure(tmp_path, [200, 500], pairs=60, probes=50, seed=3)
    sizes, families = found.tables
    assert [row[:2] for row in sizes.rows] == [["sqlite", "200"], ["sqlite", "500"]]
    assert "PostgreSQL was not to be had" in sizes.note
    assert float(found.figures["candidates_recall"]) > 0.5
    assert sum(int(row[1]) for row in families.rows) == 60


def test_a_part_that_is_measured_again_leaves_the_others_on_the_page(tmp_path: Path) -> None:
    file, day = tmp_path / "quality.md", date(2026, 11, 25)
    for name, share in (("steps", "7"), ("dedup", "0.5"), ("dedup", "0.6")):
        page.write(file, name, Part([Table(f"Of {name}", ("share",), [[share]])]), day)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# Quality")
    assert text.index("| 0.6 |") < text.index("| 7 |")
    assert "| 0.5 |" not in text
    assert text.count("Measured on 2026-11-25.") == 2


def test_tables_for_people_and_for_pages() -> None:
    table = Table("Shares", ("what", "share"), [["a|b", "0.5"], ["longer", "1"]], "Of two.")
    assert as_text(table).splitlines()[2:] == ["  what    share", "  a|b     0.5", "  longer  1"]
    assert as_markdown([table]).splitlines()[4:7] == ["| what | share |", "| --- | --- |", "| a\\|b | 0.5 |"]


def test_rows_of_a_million_are_kept_until_they_are_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FILE", tmp_path / "longest.json")
    columns, short, long = ("database", "stored"), ["sqlite", "10,000"], ["sqlite", "1,000,000"]
    measured = Part([Table("Candidates", columns, [short], "Note.")])
    assert kept.with_kept(measured) == measured
    kept.keep(Part([Table("Candidates", columns, [short, long])]), date(2026, 11, 25))
    table = kept.with_kept(measured).tables[0]
    assert list(table.rows) == [short, long]
    assert "measured on 2026-11-25 (`--million`)." in table.note
    monkeypatch.setattr(KeyMaker, "version", property(lambda _: "k99"))
    assert "with other keys" in kept.with_kept(measured).tables[0].note
    other = Part([Table("Candidates", ("database", "size"), [short])])
    assert kept.with_kept(other) == other
