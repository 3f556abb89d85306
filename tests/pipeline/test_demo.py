"""The whole demonstration as a person starts it: a process of its own, its exit code, its books, its scores."""

import asyncio
import json
import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from muara.__main__ import app as muara
from sandbox.city.plan import plan_city
from sandbox.city.truth import Truth

pytestmark = pytest.mark.asyncio(loop_scope="module")
MESSAGES, SEED = 150, 3
ROOT = Path(__file__).parents[2]


@dataclass
class Shown:
    """What the command left."""

    code: int
    told: dict[str, Any]
    errors: str
    home: Path


async def run_muara(*arguments: str) -> tuple[int, str, str]:
    """`python -m muara …` to its end: exit code, output, errors."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "muara", *arguments, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 180)
    return process.returncode or 0, out.decode(), err.decode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """One demonstration, with its home kept."""
    home = tmp_path_factory.mktemp("demo") / "home"
    code, out, err = await run_muara(
        "demo", "--messages", str(MESSAGES), "--seed", str(SEED), "--json", "--keep", str(home)
    )
    return Shown(code, json.loads(out or "{}"), err, home)


async def test_it_says_where_metrics_are_while_it_runs(shown: Shown) -> None:
    assert re.search(r"^metrics while it runs: http://127\.0\.0\.1:\d+/metrics$", shown.errors, re.MULTILINE)


async def test_it_ends_well_and_the_books_balance(shown: Shown) -> None:
    assert (shown.code, shown.told["wrong"]) == (0, []), shown.errors
    ledger, hub = shown.told["ledger"], shown.told["hub"]
    assert ledger["balanced"] is True
    assert (ledger["in_flight"], ledger["doubled"], hub["doubled"]) == (0, 0, 0)
    assert ledger["received"] == ledger["complaints"] + ledger["merged"] + ledger["ignored"] + ledger["dead"]
    assert ledger["complaints"] == ledger["delivered"] == hub["reports"] == hub["distinct_references"]
    channels = {row["channel"]: row for row in shown.told["channels"]}
    assert set(channels) == {"whatsapp_cloud", "twilio_sms", "email", "opd_webhook", "opd_table", "kecamatan_csv"}
    assert sum(row["received"] for row in channels.values()) == ledger["received"]
    files = shown.told["files"]
    assert files["named"] == files["fetched"] > 5, "photos by WhatsApp and SMS are ids and addresses"
    assert 5 < files["at_the_hub"] <= files["fetched"]
    assert ledger["redelivered"] > 0
    assert ledger["dead"] > 0
    assert shown.told["sent"] == ledger["received"] + ledger["redelivered"]


def truth_of(now: datetime) -> Truth:
    """What the city knew: it is the same for a seed, whenever it is played."""
    return plan_city(SEED, MESSAGES, now=now).truth


async def test_hardly_any_merge_or_link_is_wrong(shown: Shown) -> None:
    truth = shown.told["truth"]
    # Shown with `-s`, and when something falls short.
    print(f"merge {truth['merge']}, link {truth['link']}, joined {truth['joined']}")  # noqa: T201
    assert truth["merge"]["precision"] >= 0.95
    assert truth["link"]["precision"] >= 0.85
    # What is never joined is never wrong: so much must be found, too.
    assert truth["merge"]["recall"] >= 0.6
    nameless = sum(truth_of(datetime.now(UTC)).nameless.values())
    assert (truth["missing"], truth["unexpected"]) == (0, nameless)


async def test_the_home_that_is_left_can_be_audited(shown: Shown) -> None:
    done = await asyncio.to_thread(CliRunner().invoke, muara, ["audit", "--home", str(shown.home), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["balanced"] is True


async def test_nothing_of_the_truth_can_be_reached_in_the_home(shown: Shown) -> None:
    """The pipeline finds out for itself: neither the city's answers nor its names for them lie where it looks."""
    plans = [truth_of(datetime.now(UTC) - timedelta(days=days)) for days in (0, 90)]
    names, others = [
        {name for entry in plan.entries.values() for name in (entry.complaint, entry.incident) if name}
        for plan in plans
    ]
    assert names == others
    assert len(names) > 50
    files = [path for path in shown.home.rglob("*") if path.is_file()]
    assert {"muara.yaml", "log.db", "store.db"} <= {path.name for path in files}
    for path in files:
        assert "truth" not in path.name
        assert path.name != "hub.db"
        content = path.read_bytes()
        found = [name for name in names if name.encode() in content]
        assert found == [], path
