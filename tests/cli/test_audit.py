"""`muara audit`, and how every command ends."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, query
from tests.outside import muara, refused


def test_a_home_at_rest_balances(cli: Run, played: Path) -> None:
    done = cli("audit", "--home", played, "--json")
    assert (done.returncode, done.err) == (0, "")
    found = json.loads(done.out)
    assert found["balanced"]
    assert (found["faults"], found["in_flight"], found["doubled"]) == ([], 0, 0)
    assert found["received"] == sum(found[term] for term in ("complaints", "merged", "ignored", "dead"))
    assert all(check["holds"] and check["left"] == check["right"] for check in found["checks"])
    line = cli("audit", "--home", played).out
    assert line.startswith(f"ledger: received={found['received']} ")
    assert line.endswith("balanced=yes\n")
    again = cli("audit", "--home", played, env={"MUARA_HOME": "/nowhere"}).out
    assert again == line


def test_every_equation_is_shown_when_asked_for(cli: Run, played: Path) -> None:
    done = cli("audit", "--verbose", env={"MUARA_HOME": str(played)})
    assert done.returncode == 0
    assert "B read = redelivered" in done.out
    assert "off by" not in done.out


def test_a_sabotaged_home_does_not(cli: Run, home: Path) -> None:
    query(home, "DELETE FROM normalizer_messages WHERE rowid = (SELECT min(rowid) FROM normalizer_messages)")
    done = cli("audit", "--home", home)
    assert (done.returncode, done.err) == (1, "")
    assert "off by" in done.out
    assert done.out.endswith("balanced=no\n")
    found = json.loads(cli("audit", "--home", home, "--json").out)
    assert not found["balanced"]
    assert found["faults"] or not all(check["holds"] for check in found["checks"])


def test_makes_nothing_where_nothing_is(cli: Run, fresh: Path, tmp_path: Path) -> None:
    before = sorted(fresh.rglob("*"))
    refused(cli("audit", "--home", fresh), "has no data yet", "muara up")
    assert sorted(fresh.rglob("*")) == before
    refused(cli("audit", "--home", tmp_path / "none"), "has no muara.yaml", "muara init")
    assert not (tmp_path / "none").exists()


def test_migrates_nothing(cli: Run, home: Path) -> None:
    query(home, "UPDATE portal_version SET version_num = '0000'")
    done = cli("audit", "--home", home)
    assert done.returncode == 1
    assert "fault: the tables of the portal are at revision 0000" in done.out
    assert query(home, "SELECT version_num FROM portal_version") == [("0000",)]


@pytest.mark.parametrize("words", [["audt"], ["audit", "--jsn"], ["dead", "lst"], ["run"], ["demo", "--messages", "1"]])
def test_a_mistyped_command_is_not_begun(cli: Run, words: list[str]) -> None:
    refused(cli(*words), "Usage: muara")


def test_a_process_ends_as_the_command_does(home: Path, fresh: Path) -> None:
    done = muara("audit", "--home", home, "--json")
    assert (done.returncode, done.err) == (0, "")
    assert done.json()["balanced"]
    query(home, "DELETE FROM normalizer_ignored")
    assert muara("audit", "--home", home).returncode == 1
    said = refused(muara("audit", "--home", fresh), "muara: ")
    assert len(said.splitlines()) == 1
