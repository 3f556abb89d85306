"""The judge sees what it is there to see; and what the command says about itself."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from muara.demonstration.scene import Scene
from sandbox.hub.answers import RequestLine
from sandbox.hub.server import HubSimulation
from tests.chaos.__main__ import main
from tests.chaos.embedded import play_embedded
from tests.chaos.judging import Verdict, judge, out_of_order
from tests.chaos.outcome import Outcome
from tests.chaos.rounds import in_silence
from tests.outside import Place

_COPY = (
    "INSERT INTO reports SELECT tracking_id + 1000000, reference, channel, agency, status, words, answer, revision,"
    " form, url, plan, position, due, created_at FROM reports LIMIT 1"
)


async def test_trap_05_killed_at_any_moment_and_the_judge_would_have_seen_it(tmp_path: Path) -> None:
    outcome = await play_embedded(tmp_path, rounds=2, seed=1, tell=in_silence)
    assert outcome.well, (outcome.line(), outcome.problems)
    assert outcome.faults == 2

    async def verdict(sabotage: str = "", *sent: tuple[str, str]) -> Verdict:
        if sabotage:
            with closing(sqlite3.connect(tmp_path / "hub.db")) as database, database:
                database.execute(sabotage)
        async with HubSimulation(tmp_path / "hub.db", token="t", admin_token="a") as hub:
            return await judge(Place(Scene(tmp_path / "home", {}), 0, 0), hub, sent)

    whole = await verdict()
    assert (whole.missing, whole.doubled, whole.problems) == ([], 0, [])
    assert (await verdict("", ("email", "never arrived"))).missing == [("email", "never arrived")]
    doubled = await verdict(_COPY)
    assert doubled.doubled == 1
    assert "not in our books" in doubled.problems[0]
    lost = await verdict("DELETE FROM reports WHERE tracking_id = (SELECT min(tracking_id) FROM reports)")
    assert "unknown to the hub" in lost.problems[0]


@pytest.mark.parametrize(
    ("log", "wrong"),
    [
        (["create ok", "first ok", "second ok"], 0),
        (["create failed", "create ok", "first dropped", "first ok", "second ok"], 0),
        (["create ok", "second ok"], 0),
        (["create ok", "second ok", "first ok"], 1),
        (["first ok", "create ok", "create ok"], 1),
        (["create ok", "second failed", "first ok", "second ok"], 0),
    ],
)
def test_the_order_at_the_hub_is_that_of_what_it_took_first(log: list[str], wrong: int) -> None:
    complaint, ids = uuid4(), {name: uuid4() for name in ("create", "first", "second")}
    lines = []
    for number, (name, outcome) in enumerate((words.split() for words in log), 1):
        status = 502 if outcome == "failed" else 200
        told = {"number": number, "at": "", "method": "PATCH", "path": "", "idempotency_key": str(ids[name])}
        lines.append(RequestLine.model_validate(told | {"status": status, "outcome": outcome, "milliseconds": 1}))
    assert out_of_order(lines, [(complaint, each) for each in ids.values()]) == wrong


@pytest.mark.parametrize("what", ["lost", "doubled", "stuck"])
def test_an_outcome_is_not_well_when_something_is_wrong(what: str) -> None:
    outcome = Outcome("kafka", 1, 2)
    outcome.tallies["kill:portal"].times += 1
    outcome.tallies["kill:portal"].recoveries += [1.0, 3.0]
    assert outcome.well
    assert outcome.line() == "chaos: rounds=1 faults=1 lost=0 doubled=0 stuck=0 parked=0 recover_p95_s=3.0"
    assert outcome.remarks() == ["1 of 2 kinds of fault were drawn: more rounds draw the others, too"]
    setattr(outcome, what, 1)
    assert not outcome.well


def test_what_cannot_be_played_is_said_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--only", "kill:everybody"]) == 2
    assert "kill:normalizer" in capsys.readouterr().out
    (tmp_path / "something").touch()
    assert main(["--keep", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().out
