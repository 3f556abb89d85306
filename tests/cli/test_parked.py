"""`muara hubs parked` and `muara hubs adopt`: what a hub may have, and what it is known to have."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.conftest import Run, commands, query
from tests.outside import refused


@pytest.fixture
def parked(home: Path) -> str:
    """A delivery that nobody can decide."""
    sql = "SELECT delivery_id FROM dispatcher_deliveries WHERE kind = 'create' AND state = 'delivered'"
    ((delivery,), *_) = query(home, sql)
    change = (
        "UPDATE dispatcher_deliveries SET state = 'parked', receipt = NULL, reason = 'no answer' WHERE delivery_id = ?"
    )
    query(home, change, delivery)
    return str(delivery)


def test_what_is_parked_is_listed_and_shown_with_its_evidence(cli: Run, home: Path, parked: str) -> None:
    (found,) = json.loads(cli("hubs", "parked", "list", "--home", home, "--json").out)
    assert (found["id"], found["hub"], found["reason"]) == (parked, "sp4n", "parked: no answer")
    assert parked in cli("hubs", "parked", "list", "--home", home).out
    shown = json.loads(cli("hubs", "parked", "show", parked, "--home", home, "--json").out)
    assert (shown["kind"], shown["reason"], "request" in shown) == ("create", "no answer", False)
    clear = json.loads(cli("hubs", "parked", "show", parked, "--home", home, "--clear", "--json").out)
    assert found["complaint"] in clear["request"], "what was sent names our reference"


@pytest.mark.parametrize(
    ("words", "action", "target"),
    [(("--receipt", "9197446"), "adopt", "9197446"), (("--again",), "replay", None), (("--give-up",), "discard", None)],
)
def test_a_person_says_what_became_of_it(
    *, cli: Run, home: Path, parked: str, words: tuple[str, ...], action: str, target: str | None
) -> None:
    done = cli("hubs", "parked", "resolve", parked, *words, "--reason", "dilihat di dasbor", "--home", home)
    assert (done.returncode, done.err) == (0, "")
    (order,) = commands(home)
    assert (order.action, order.subject, order.target, order.reason) == (action, parked, target, "dilihat di dasbor")


def test_what_cannot_be_resolved(cli: Run, home: Path, parked: str) -> None:
    resolve = ("hubs", "parked", "resolve")
    refused(cli(*resolve, parked, "--home", home), "--receipt NUMBER", "--again", "--give-up")
    refused(cli(*resolve, parked, "--again", "--give-up", "--home", home), "say one of")
    refused(cli(*resolve, "x", "--again", "--home", home), "'x' is no id")
    refused(cli(*resolve, str(uuid4()), "--again", "--home", home), "there is no delivery")
    ((other,), *_) = query(home, "SELECT delivery_id FROM dispatcher_deliveries WHERE state = 'delivered'")
    refused(cli(*resolve, str(other), "--again", "--home", home), "not parked: it is delivered")
    assert commands(home) == []


def test_a_list_of_what_the_hub_already_has_is_adopted_whole_or_not_at_all(
    cli: Run, home: Path, parked: str, tmp_path: Path
) -> None:
    ((complaint,),) = query(home, "SELECT subject_id FROM dispatcher_deliveries WHERE delivery_id = ?", parked)
    sql = "SELECT subject_id FROM dispatcher_deliveries WHERE state = 'delivered' AND kind = 'create'"
    ((delivered,), *_) = query(home, sql)
    file = tmp_path / "daftar.csv"

    def adopt(text: str, hub: str = "sp4n") -> tuple[str | Path, ...]:
        file.write_text(text, encoding="utf-8")
        return ("hubs", "adopt", file, "--hub", hub, "--home", home)

    head = "complaint_id,tracking_id\n"
    refused(cli(*adopt("id,nomor\n1,2\n")), "complaint_id and tracking_id")
    refused(cli(*adopt(f"{head}17,9197446\n")), "daftar.csv:2", "'17' is no id")
    refused(cli(*adopt(f"{head}{complaint},\n")), "daftar.csv:2", "tracking_id is missing")
    refused(cli(*adopt(f"{head}{complaint},1\n{complaint},2\n")), "daftar.csv:3", "twice")
    refused(cli(*adopt(f"{head}{complaint},1\n{uuid4()},2\n")), "is not known")
    refused(cli(*adopt(f"{head}{complaint},1\n{delivered},2\n")), "delivered at sp4n already")
    refused(cli(*adopt(f"{head}{complaint},1\n", "provinsi")), "there is no hub 'provinsi'", "sp4n")
    refused(cli("hubs", "adopt", tmp_path / "keins.csv", "--hub", "sp4n", "--home", home), "cannot be read")
    assert commands(home) == []
    done = cli(*adopt(f"{head}{complaint},9197446\n"))
    assert (done.returncode, done.err) == (0, "")
    (order,) = commands(home)
    assert (order.action, order.subject, order.target) == ("adopt", parked, "9197446")
