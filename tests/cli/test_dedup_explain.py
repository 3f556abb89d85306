"""`muara dedup explain`: what spoke for and against, and what forbade it."""

import io
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.cli.conftest import Run, query
from tests.outside import refused

LAMP = "Lampu jalan di Jl. Kenanga RT 3 mati sudah seminggu"
OTHER_RT = "lampu jln kenanga rt 4 padam sudah seminggu"
SETTLED = "SELECT complaint_id, message_id FROM normalizer_complaints WHERE state = 'settled' AND rahasia = 0"
PHONE = "+62 811-0000-1234"


def told(cli: Run, *arguments: str | Path) -> dict[str, Any]:
    done = cli("dedup", "explain", *arguments, "--json")
    assert (done.returncode, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_agreement_and_conflict_of_two_texts(cli: Run) -> None:
    found = told(cli, LAMP, OTHER_RT)
    says = {fact["name"]: (fact["a"], fact["b"], fact["says"]) for fact in found["facts"]}
    assert says["RT"] == ("003", "004", "conflicts")
    assert says["street"][2] == says["problem"][2] == says["time"][2] == "agrees"
    assert says["person"] == ("", "", "unknown")
    assert (found["verdict"], found["vetoes"]) == ("none", ["different RT: no merge, no link"])
    assert found["link"]["score"] >= found["link"]["threshold"]  # forbidden, although the words say so
    shown = cli("dedup", "explain", LAMP, OTHER_RT).out
    for words in ("veto: different RT", "link: 0.", "needs 0.", "verdict: none", found["version"]):
        assert words in shown


def test_a_pair_of_a_file_or_of_standard_input_is_judged_as_evaluate_does(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = {"text": f"lampu jln kenanga rt 3 mati sudah seminggu, hubungi {PHONE}", "reporter": PHONE}
    pair = {"a": {"text": LAMP, "reporter": PHONE}, "b": again}
    (tmp_path / "pair.json").write_text(json.dumps(pair), encoding="utf-8")
    found = told(cli, tmp_path / "pair.json")
    assert (found["verdict"], found["vetoes"]) == ("merge", [])
    assert PHONE[-4:] not in json.dumps(found)
    (tmp_path / "labelled.jsonl").write_text(json.dumps(pair | {"label": "different"}), encoding="utf-8")
    (worst,) = json.loads(cli("dedup", "evaluate", tmp_path / "labelled.jsonl", "--json").out)["worst"]
    assert (worst["said"], worst["score"]) == ("merge", pytest.approx(found["merge"]["score"], abs=1e-4))
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(pair)))
    assert told(cli, "-") == found


def test_stored_complaints_are_explained_by_the_id_of_either_or_of_a_message(cli: Run, home: Path) -> None:
    columns = "complaint_id, merged_into FROM normalizer_complaints WHERE rahasia = 0"
    (gone, head), *_ = query(home, f"SELECT {columns} AND state = 'merged'")
    found = told(cli, gone, head, "--home", home)
    assert found["verdict"] == "merge"
    assert [each["state"] for each in found["complaints"]] == ["merged", "settled"]
    assert found["version"].count("+") == 0 or int(found["version"].split("+")[1]) > 0
    ((message,),) = query(home, "SELECT message_id FROM normalizer_complaints WHERE complaint_id = ?", gone)
    assert told(cli, message, head, "--home", home) == found
    shown = cli("dedup", "explain", gone, head, "--home", home).out
    assert f"merged into {found['complaints'][1]['complaint_id']}" in shown
    said = refused(cli("dedup", "explain", message, gone, "--home", home), "both are complaint", "dedup split")
    assert len(said.splitlines()) == 1
    stranger = str(uuid4())
    refused(cli("dedup", "explain", gone, stranger, "--home", home), f"no complaint or message {stranger} here")
    refused(cli("dedup", "explain", gone, LAMP, "--home", home), "one of the two is an id")


def test_what_is_secret_is_not_explained(cli: Run, home: Path) -> None:
    (one, _), (other, _), *_ = query(home, SETTLED)
    query(home, "UPDATE normalizer_complaints SET rahasia = 1 WHERE complaint_id = ?", one)
    refused(cli("dedup", "explain", other, one, "--home", home), "is rahasia: it is compared with nothing")


def test_what_cannot_be_compared_is_told_so(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("[]", encoding="utf-8")
    cases: list[tuple[str, list[str | Path]]] = [
        ("neither an id nor a text of several words", [LAMP, "5e1c2f0a"]),
        ("cannot be read", [tmp_path / "none.json"]),
        ("the file holds one pair", [tmp_path / "bad.json"]),
        ("--region", [LAMP, OTHER_RT, "--region", "kota"]),
        ("--zone", [LAMP, OTHER_RT, "--zone", "Mars"]),
        ("cannot be read", [LAMP, OTHER_RT, "--weights", tmp_path / "none.yaml"]),
        ("has no muara.yaml", [str(uuid4()), str(uuid4()), "--home", tmp_path]),
    ]
    for words, arguments in cases:
        refused(cli("dedup", "explain", *arguments), words)


def test_the_example_of_the_documentation_is_what_is_said(cli: Run) -> None:
    page = (Path(__file__).parents[2] / "docs" / "duplicates.md").read_text(encoding="utf-8")
    assert f'muara dedup explain "{LAMP}" "{OTHER_RT}"' in page
    block = page.split("```")[3].strip().splitlines()
    shown = cli("dedup", "explain", LAMP, OTHER_RT).out
    assert len(block) == 2
    assert all(line in shown for line in block)
