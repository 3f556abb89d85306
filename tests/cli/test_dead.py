"""`muara dead`: what could not be understood, and what a person does with it."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.cli.conftest import Run, commands, query
from tests.outside import refused

KEYS = ["id", "stage", "channel", "source", "agency", "where", "since", "attempt", "reason"]


def listed(cli: Run, home: Path, *more: str) -> list[dict[str, Any]]:
    done = cli("dead", "list", "--home", home, "--json", *more)
    assert (done.returncode, done.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.out)
    assert all(list(each) == KEYS for each in found)
    return found


def refuse_one(home: Path) -> str:
    """As if the hub had refused a complaint; the delivery's id."""
    sql = "SELECT delivery_id FROM dispatcher_deliveries WHERE state = 'delivered' LIMIT 1"
    ((ident,),) = query(home, sql)
    query(home, "UPDATE dispatcher_deliveries SET state = 'rejected', reason = '422' WHERE delivery_id = ?", ident)
    return str(ident)


def test_lists_the_dead_of_both_services_newest_first(cli: Run, home: Path) -> None:
    refused_by_the_hub = refuse_one(home)
    found = listed(cli, home)
    assert {each["stage"] for each in found} == {"normalizer", "dispatcher"}
    assert [each["since"] for each in found] == sorted((each["since"] for each in found), reverse=True)
    assert all(each["reason"] for each in found)
    assert listed(cli, home, "--limit", "1") == found[:1]
    shown = cli("dead", "list", "--home", home).out
    assert f"{len(found)} dead letters" in shown
    assert refused_by_the_hub in shown
    assert all(each["id"] in shown for each in found)


def test_the_original_is_shown_only_when_asked_for(cli: Run, home: Path) -> None:
    (letter, *_) = listed(cli, home)
    plain = json.loads(cli("dead", "show", letter["id"], "--home", home, "--json").out)
    assert plain == letter
    clear = json.loads(cli("dead", "show", letter["id"], "--clear", "--home", home, "--json").out)
    assert {key: value for key, value in clear.items() if key != "original"} == letter
    assert "{" in clear["original"]
    said = cli("dead", "show", letter["id"].upper(), "--clear", "--home", home).out
    assert letter["reason"] in said
    assert "original" in said


def test_without_its_key_the_original_stays_shut(cli: Run, home: Path) -> None:
    (letter, *_) = listed(cli, home)
    (home / "master.key").unlink()
    assert cli("dead", "show", letter["id"], "--home", home).returncode == 0
    refused(cli("dead", "show", letter["id"], "--clear", "--home", home), "no master key")


def test_a_delivery_is_shown_too(cli: Run, home: Path) -> None:
    ident = refuse_one(home)
    found = json.loads(cli("dead", "show", ident, "--home", home, "--json").out)
    assert (found["stage"], found["reason"]) == ("dispatcher", "rejected: 422")


@pytest.mark.parametrize("action", ["replay", "discard"])
def test_orders_for_named_ones_and_for_all(cli: Run, home: Path, action: str) -> None:
    refuse_one(home)
    ids = [each["id"] for each in listed(cli, home)]
    done = cli("dead", action, ids[0].upper(), ids[0], "--home", home)
    assert (done.returncode, done.err) == (0, "")
    assert done.out.startswith(f"1 to {action}")
    assert [(each.action, each.subject) for each in commands(home)] == [(action, ids[0])]
    assert cli("dead", action, "--all", "--home", home).out.startswith(f"{len(ids)} to {action}")
    assert {each.subject for each in commands(home)[1:]} == set(ids)


def test_why_is_kept(cli: Run, home: Path) -> None:
    (letter, *_) = listed(cli, home)
    assert cli("dead", "discard", letter["id"], "--reason", "uji coba", "--home", home).returncode == 0
    assert [each.reason for each in commands(home)] == ["uji coba"]


@pytest.mark.parametrize("action", ["replay", "discard"])
def test_what_cannot_be_done_is_refused_whole(cli: Run, home: Path, action: str) -> None:
    (letter, *_) = listed(cli, home)
    stranger = str(uuid4())
    for words, arguments in [
        ("name the dead letters", []),
        ("or say --all", [letter["id"], "--all"]),
        ("'x' is no id", [letter["id"], "x"]),
        (f"there is no dead letter {stranger}", [letter["id"], stranger]),
    ]:
        said = refused(cli("dead", action, *arguments, "--home", home), words)
        assert len(said.splitlines()) == 1
    assert commands(home) == []


def test_what_is_not_there_is_said_in_words(cli: Run, played: Path, fresh: Path) -> None:
    refused(cli("dead", "show", str(uuid4()), "--home", played), "there is no dead letter", "`muara dead list`")
    refused(cli("dead", "show", "x", "--home", played), "'x' is no id", "`muara dead list`")
    refused(cli("dead", "list", "--home", fresh), "has no data yet", "muara up")
    refused(cli("dead", "list", "--limit", "0", "--home", played), "--limit")
    refused(cli("dead", "replay", "--al"), "No such option: --al")
    assert not (fresh / "data").exists()
