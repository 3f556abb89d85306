"""Prometheus and Grafana: every service is scraped where it answers."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from muara.config import Config
from muara.wiring import SERVICES

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


def test_it_reads_the_file_that_is_mounted(services: dict[str, Tree]) -> None:
    prometheus = services["prometheus"]
    [mounted] = prometheus["configs"]
    assert f"--config.file={mounted['target']}" in prometheus["command"]
    [data] = prometheus["volumes"]
    assert f"--storage.tsdb.path={data['target']}" in prometheus["command"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: package prometheus)")
def test_prometheus_own_tool_accepts_the_file(deploy: Path) -> None:
    command = ["promtool", "check", "config", "--syntax-only", str(deploy / "prometheus" / "prometheus.yml")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr


def test_grafana_asks_this_prometheus(deploy: Path, services: dict[str, Tree]) -> None:
    [file] = (deploy / "grafana" / "provisioning" / "datasources").iterdir()
    [source] = YAML(typ="safe").load(file)["datasources"]
    [address] = [port for port in services["prometheus"]["ports"] if port.endswith(":9090")]
    assert source["url"] == f"http://prometheus:{address.rsplit(':')[-1]}"
    targets = [each["target"] for each in services["grafana"]["volumes"] if each["type"] == "bind"]
    assert targets == ["/etc/grafana/provisioning/datasources"]
