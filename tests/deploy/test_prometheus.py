"""Prometheus and Grafana: every service is scraped where it answers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from muara.config import Config
from muara.wiring import SERVICES
from tools.services.prometheus import Promtool

Tree = dict[str, Any]


@pytest.fixture
def scraping(deploy: Path) -> Tree:
    found: Tree = YAML(typ="safe").load(deploy / "prometheus" / "prometheus.yml")
    return found


def test_every_service_is_scraped_with_all_its_replicas(scraping: Tree, config: Config) -> None:
    jobs = {job["job_name"]: job for job in scraping["scrape_configs"]}
    assert jobs.keys() == {*SERVICES, "prometheus"}
    for name in SERVICES:
        [lookup] = jobs[name]["dns_sd_configs"]
        assert (lookup["names"], lookup["type"], lookup["port"]) == ([name], "A", config.http.port)
        assert "metrics_path" not in jobs[name], "/metrics is where Prometheus looks by itself"


def test_it_stands_in_the_network_of_what_it_scrapes(services: dict[str, Tree]) -> None:
    assert all("inside" in services[name]["networks"] for name in (*SERVICES, "prometheus", "grafana"))


def test_it_reads_the_files_that_are_mounted(services: dict[str, Tree], scraping: Tree) -> None:
    prometheus = services["prometheus"]
    [mounted, rules] = prometheus["configs"]
    assert f"--config.file={mounted['target']}" in prometheus["command"]
    assert scraping["rule_files"] == [rules["target"]]
    [data] = prometheus["volumes"]
    assert f"--storage.tsdb.path={data['target']}" in prometheus["command"]


def test_prometheus_own_tool_accepts_the_file(deploy: Path, promtool: Promtool) -> None:
    code, said = promtool("check", "config", "--syntax-only", deploy / "prometheus" / "prometheus.yml")
    assert code == 0, said


def test_grafana_asks_this_prometheus(deploy: Path, services: dict[str, Tree]) -> None:
    [file] = (deploy / "grafana" / "provisioning" / "datasources").iterdir()
    [source] = YAML(typ="safe").load(file)["datasources"]
    [address] = [port for port in services["prometheus"]["ports"] if port.endswith(":9090")]
    assert source["url"] == f"http://prometheus:{address.rsplit(':')[-1]}"
    mounted = {
        each["target"]: deploy / each["source"] for each in services["grafana"]["volumes"] if each["type"] == "bind"
    }
    assert mounted == {
        "/etc/grafana/provisioning": deploy / "grafana/provisioning",
        "/etc/grafana/boards": deploy / "grafana/boards",
    }
    [file] = (deploy / "grafana" / "provisioning" / "dashboards").iterdir()
    [provider] = YAML(typ="safe").load(file)["providers"]
    assert provider["options"]["path"] in mounted
    files = list(mounted[provider["options"]["path"]].glob("*.json"))
    drawn = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    assert len({board["uid"] for board in drawn}) == len(files) >= 6
    assert {ref["uid"] for board in drawn for ref in _sources(board)} == {source["uid"]}, "no board asks another source"
    # Nothing is left to click: the source is the default one, and both files are read when it starts.
    assert source["isDefault"] is True
    assert {file.suffix for file in (deploy / "grafana/provisioning").rglob("*.*")} == {".yml"}


def _sources(part: Any) -> Iterator[Tree]:  # noqa: ANN401 any tree
    """Every mention of a data source."""
    if isinstance(part, dict):
        if isinstance(found := part.get("datasource"), dict):
            yield found
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _sources(each)
