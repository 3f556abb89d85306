"""Some faults and their alerts, on a real Prometheus; `make chaos ALERTS=1` plays all of them on both sizes."""

from pathlib import Path

import pytest

from tests.chaos import alarming
from tests.chaos.alarm_run import chosen
from tests.chaos.alarming import open_stage, try_out
from tests.pipeline.sizes import Size
from tests.stores import Templates
from tools.services.prometheus import Promtool

QUICK = ("MuaraHubStopped", "MuaraLedgerUnbalanced", "MuaraCertificateEnds", "MuaraDown")


async def test_each_fault_raises_its_own_alert_and_no_other_and_it_ends(
    tmp_path: Path, templates: Templates, promtool: Promtool
) -> None:
    assert promtool.path.exists()  # Prometheus is to be had
    async with open_stage(tmp_path, Size("embedded", templates)) as stage:
        await stage.say()
        await stage.town.rest(1)
        assert await stage.firing() == set()
        tried = [await try_out(alarm, stage) for alarm in chosen("embedded", QUICK)]
    assert {each.alert for each in tried} == set(QUICK)
    assert [each for each in tried if not each.well] == []


def test_one_that_does_not_exist_is_told_which_there_are() -> None:
    with pytest.raises(ValueError, match="no fault for an alert 'Muaro'; there are MuaraHubStopped"):
        chosen("embedded", ["Muaro"])
    assert {"MuaraSpoolFilling"} == {a.alert for a in chosen("kafka", [])} - {a.alert for a in chosen("embedded", [])}
    assert alarming.SCALE > 1
