"""`muara media`: files that cannot be had, why, and that they are tried again."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from runtime.sealing.keyfile import load_sealer
from schemas.events import MediaWanted
from tests.cli.conftest import Run, query
from tests.outside import refused


@pytest.fixture
def lost(home: Path) -> list[str]:
    """Two files of one source that were given up, and all others fetched."""
    rows = query(home, "SELECT delivery_id FROM connectors_media_jobs WHERE destination = 'wa-kota' ORDER BY 1")
    assert len(rows) > 2, "the demonstration must name files"
    query(home, "UPDATE connectors_media_jobs SET state = 'delivered', reason = NULL")
    for (ident,), state in zip(rows, ("parked", "rejected"), strict=False):
        change = "UPDATE connectors_media_jobs SET state = ?, reason = '404', attempts = 30 WHERE delivery_id = ?"
        query(home, change, state, ident)
    return [str(UUID(row[0])) for row in rows]


def wanted(home: Path) -> list[MediaWanted]:
    sql = "SELECT value FROM records WHERE topic = 'complaints.media.wanted' ORDER BY number, offset"
    found = [MediaWanted.model_validate_json(value) for (value,) in query(home, sql, database="log.db")]
    return [event for event in found if event.again]


def test_files_that_were_given_up_are_listed_shown_and_tried_again(cli: Run, home: Path, lost: list[str]) -> None:
    found = json.loads(cli("media", "list", "--home", home, "--json").out)
    assert {(each["id"], each["state"], each["reason"]) for each in found} == {
        (lost[0], "given up", "404"),
        (lost[1], "refused", "404"),
    }
    assert lost[1] in cli("media", "list", "--home", home, "--source", "wa-kota").out
    assert json.loads(cli("media", "list", "--home", home, "--source", "rsud", "--json").out) == []
    assert json.loads(cli("media", "list", "--home", home, "--waiting", "--json").out) == []
    shown = json.loads(cli("media", "show", lost[0], "--home", home, "--json").out)
    assert (shown["state"], shown["attempts"], shown["source"]) == ("given up", 30, "wa-kota")
    assert "reference" not in shown
    clear = json.loads(cli("media", "show", lost[0], "--home", home, "--clear", "--json").out)
    assert clear["reference"].isdecimal(), "Meta's id"
    done = cli("media", "retry", lost[0], lost[0], "--home", home)
    assert (done.returncode, done.out.startswith("1 to retry")) == (0, True)
    (event,) = wanted(home)
    assert (str(event.message_id), event.number, event.source) == (shown["message"], shown["number"], "wa-kota")
    sealer = load_sealer(home / "master.key")
    opened = sealer.open(event.reference, subject=shown["message"], field="reference")
    assert opened.decode() == clear["reference"]
    assert cli("media", "retry", "--all", "--source", "wa-kota", "--home", home).out.startswith("2 to retry")
    assert cli("media", "retry", "--all", "--source", "rsud", "--home", home).out.startswith("0 to retry")
    assert len(wanted(home)) == 3


def test_what_cannot_be_tried_again(cli: Run, home: Path, lost: list[str], fresh: Path) -> None:
    retry = ("media", "retry", "--home", home)
    refused(cli(*retry), "name the files to retry, or say --all")
    refused(cli(*retry, lost[0], "--all"), "name the files")
    refused(cli(*retry, lost[0], "--source", "wa-kota"), "goes with --all")
    refused(cli(*retry, "--all", "--source", "tidak-ada"), "no source 'tidak-ada'")
    refused(cli(*retry, "x"), "'x' is no id")
    refused(cli(*retry, str(uuid4())), "there is no file")
    refused(cli(*retry, lost[0], lost[2]), "was not given up: it is fetched; nothing is retried")
    assert wanted(home) == []
    refused(cli("media", "list", "--home", fresh, "--json"), "has no data yet")
