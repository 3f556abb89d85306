"""`muara dedup`: measured on labelled pairs."""

import json
from pathlib import Path
from typing import Any

import pytest

from muara.dedup.shares import Quality
from tests.cli.conftest import Run
from tests.outside import refused

SAME = "Lampu jalan di Jl. Kenanga depan Masjid Al Huda mati sudah seminggu, warga takut lewat kalau malam"
AGAIN = "lampu jln kenanga dpn masjid al huda mati sudah seminggu warga takut lewat"
GUTTER = "got tersumbat di jalan melati, rt 3 rw 2, airnya meluap"
PAIRS: list[dict[str, Any]] = [
    {"a": {"text": SAME, "submitted_at": "2026-11-01T08:00:00", "reporter": "081100001111"},
     "b": {"text": AGAIN, "reporter": "0811-0000-1111"},
     "label": "same_report", "family": "retyped", "anything": [1]},
    {"a": {"text": SAME, "place": None, "reporter": None}, "b": {"text": SAME.upper(), "place": ""},
     "label": "same_report"},
    {"a": {"text": "Selokan mampet di Jl. Melati RT 03 RW 02", "place": "Jl. Melati RT 03/02", "reporter": {"id": 7}},
     "b": {"text": GUTTER, "reporter": "8", "submitted_at": 1793500000},
     "label": "same_incident"},
    {"a": {"text": SAME}, "b": {"text": SAME.replace("Kenanga", "Anggrek")}, "label": "different"},
    {"a": {"text": "KTP saya belum jadi"}, "b": {"text": "Sampah menumpuk di pasar"}, "label": "same_incident"},
]  # fmt: skip


def write(file: Path, *lines: object) -> Path:
    file.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines), encoding="utf-8")
    return file


def test_labelled_pairs_are_judged_as_the_pipeline_would(cli: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "pairs.jsonl", *PAIRS[:2], "", *PAIRS[2:])
    done = cli("dedup", "evaluate", file, "--json")
    assert (done.returncode, done.err) == (0, "")
    found = json.loads(done.out)
    assert found["confusion"] == {
        "same_report": {"merge": 2, "link": 0, "none": 0},
        "same_incident": {"merge": 0, "link": 1, "none": 1},
        "different": {"merge": 0, "link": 0, "none": 1},
    }
    assert (found["merge"]["precision"], found["merge"]["recall"], found["merge"]["f1"]) == (1.0, 1.0, 1.0)
    assert (found["link"]["precision"], found["link"]["recall"]) == (1.0, 0.5)
    assert found["link_or_merge"]["recall"] == 0.75
    assert found["families"]["retyped"]["same_report"]["merge"] == 1
    (mistake,) = found["worst"]
    assert (mistake["line"], mistake["label"], mistake["said"]) == (6, "same_incident", "none")
    shown = cli("dedup", "evaluate", file).out
    assert all(each in shown for each in ("5 pairs", "link or merge", "KTP saya belum jadi", "line 6"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ({"a": {"text": "x"}, "b": {"text": "y"}, "label": "same"}, '"label" is "same"; say one of same_report'),
        ({"a": {"text": "x"}, "label": "different"}, '"b" is missing; give an object'),
        ({"a": {"text": None}, "b": {"text": "y"}, "label": "different"}, '"a.text" is missing'),
        ({"a": {"text": "x", "place": 5}, "b": {"text": "y"}, "label": "different"}, '"a.place" is 5'),
        (
            {"a": {"text": "x"}, "b": {"text": "y", "submitted_at": "kemarin"}, "label": "different"},
            '"b.submitted_at" is "kemarin"; write it as 2026-11-24',
        ),
    ],
)
def test_a_bad_line_is_named(cli: Run, tmp_path: Path, line: object, words: str) -> None:
    file = write(tmp_path / "pairs.jsonl", PAIRS[0], line)
    refused(cli("dedup", "evaluate", file), f"{file}:2: {words}")


def test_files_that_cannot_be_used(cli: Run, tmp_path: Path) -> None:
    refused(cli("dedup", "evaluate", tmp_path / "none.jsonl"), "cannot be read")
    refused(cli("dedup", "evaluate", write(tmp_path / "empty.jsonl", "")), "holds no pair")
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\xfe")
    refused(cli("dedup", "evaluate", tmp_path / "latin.jsonl"), "not UTF-8")
    pairs = write(tmp_path / "pairs.jsonl", PAIRS[0])
    refused(cli("dedup", "evaluate", pairs, "--region", "kota"), "give a Kemendagri code")
    refused(cli("dedup", "evaluate", pairs, "--zone", "Mars"), "--zone")
    refused(cli("dedup", "evaluate", pairs, "--weights", tmp_path / "none.yaml"), "cannot be read")


def test_intervals_are_wilsons() -> None:
    nine_of_ten = Quality(right=9, found=10, true=12)
    low, high = nine_of_ten.precision.low, nine_of_ten.precision.high
    assert (round(low, 4), round(high, 4)) == (0.5958, 0.9821)
    assert nine_of_ten.f1.value == pytest.approx(18 / 22)
    assert nine_of_ten.f1.low < nine_of_ten.f1.value < nine_of_ten.f1.high
    assert (Quality(0, 0, 3).precision.value, Quality(0, 0, 3).precision.high) == (0.0, 1.0)
