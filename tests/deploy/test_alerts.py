"""The alerts: each fires for what it is for, ends with it, and has a page that says what to do."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.chaos.alarms import ALARMS
from tools.observability.alerts import ALERTS, rules
from tools.observability.times import Times
from tools.observability.trials import FAULTS
from tools.observability.written import RULES, outdated, yaml_text
from tools.services.prometheus import Promtool

CASES: dict[str, dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("alert_cases.yaml"))
NAMES = {rule["alert"] for group in rules()["groups"] for rule in group["rules"] if "alert" in rule}
ROOT = Path(__file__).parents[2]


def test_what_is_made_of_code_is_as_the_code_says() -> None:
    assert outdated() == [], "make boards"


def test_every_alert_is_tried_and_explained() -> None:
    assert CASES.keys() == NAMES
    page = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    anchors = {line.removeprefix("## ").lower() for line in page.splitlines() if line.startswith("## ")}
    assert {alert.name.lower() for alert in ALERTS} <= anchors
    assert FAULTS.keys() == NAMES == {alarm.alert for alarm in ALARMS}
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        assert re.search(r"^\*.+\*$", section.replace("\n", " ") + "\n", re.MULTILINE) or "*" in section, section[:40]


def test_prometheus_own_tool_accepts_and_tries_the_rules(promtool: Promtool, tmp_path: Path) -> None:
    code, said = promtool("check", "rules", ROOT / RULES)
    assert code == 0, said
    groups = []
    for name, case in CASES.items():
        for minute, times in [*((m, 0) for m in case["quiet"]), *case["fires"].items()]:
            groups.append((name, case["given"], minute, times))
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": series, "values": str(values)} for series, values in given.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
                    "eval_time": f"{minute}m",
                    "exp_samples": [{"labels": "{}", "value": times}],
                }
            ],
        }
        for name, given, minute, times in groups
    ]
    file = tmp_path / "cases.yml"
    file.write_text(yaml_text({"rule_files": [str(ROOT / RULES)], "evaluation_interval": "15s", "tests": tests}))
    code, said = promtool("test", "rules", file)
    assert code == 0, said


@pytest.mark.parametrize("scale", [1, 60, 300])
def test_spans_shrink_alike(promtool: Promtool, tmp_path: Path, scale: float) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(yaml_text(rules(Times(scale))), encoding="utf-8")
    code, said = promtool("check", "rules", file)
    assert code == 0, said


def test_what_is_left_of_a_budget_is_what_was_not_spent(promtool: Promtool, tmp_path: Path) -> None:
    """One message in 2,000 was turned away, of which one in 1,000 may be."""
    received = 'muara_messages_received_total{channel="email",outcome="%s"}'
    given = [
        {"series": received % "accepted", "values": "0+1999x60"},
        {"series": received % "unavailable", "values": "0+1x60"},
    ]
    asked = {"expr": "round(muara:acceptance:budget_left, 0.001)", "eval_time": "50m"}
    test = {
        "interval": "1m",
        "input_series": given,
        "promql_expr_test": [asked | {"exp_samples": [{"labels": "{}", "value": 0.5}]}],
    }
    file = tmp_path / "budgets.yml"
    file.write_text(yaml_text({"rule_files": [str(ROOT / RULES)], "evaluation_interval": "1m", "tests": [test]}))
    code, said = promtool("test", "rules", file)
    assert code == 0, said
