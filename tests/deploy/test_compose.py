"""The composition: by the specification's own schema, and what no schema sees: that its parts fit one another."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

Tree = dict[str, Any]

OURS = {"connectors", "normalizer", "dispatcher", "portal", "sandbox"}
THEIRS = {"kafka", "postgres", "prometheus", "grafana"}
VERSION = re.compile(r"^(?P<name>[a-z0-9-]+(/[a-z0-9-]+)?):v?\d+\.\d+(\.\d+)?(-[a-z]+)?$")
"""An image by name and version, without the address of a registry."""


def schema_faults(path: Path) -> str:
    """What the schema says against a file; empty when nothing."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return "" if run.returncode == 0 else run.stdout + run.stderr


def mounts(service: Tree, kind: str) -> Iterator[Tree]:
    return (each for each in service.get("volumes", []) if each["type"] == kind)


def test_it_fits_the_schema_of_the_specification(deploy: Path) -> None:
    assert schema_faults(deploy / "compose.yaml") == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    restart: unless-stopped", "    restarts: unless-stopped"),
        ("{condition: service_healthy}", "{condition: healthy}"),
        ("interval: 30s", "intervall: 30s"),
        ("profiles: [demo]", "profiles: demo"),
    ],
)
def test_the_schema_refuses_what_is_mistyped(deploy: Path, tmp_path: Path, right: str, wrong: str) -> None:
    text = (deploy / "compose.yaml").read_text(encoding="utf-8")
    bad = tmp_path / "compose.yaml"
    bad.write_text(text.replace(right.strip(), wrong.strip()), encoding="utf-8")
    assert bad.read_text(encoding="utf-8") != text
    assert schema_faults(bad) != ""


def test_every_service_is_there(services: dict[str, Tree], ours: dict[str, Tree]) -> None:
    assert set(services) == OURS | THEIRS
    assert set(ours) == OURS


def test_only_the_simulation_needs_a_profile(services: dict[str, Tree]) -> None:
    assert {name: each["profiles"] for name, each in services.items() if "profiles" in each} == {"sandbox": ["demo"]}


def test_two_normalizers_and_nothing_that_forbids_more(services: dict[str, Tree]) -> None:
    assert services["normalizer"]["deploy"]["replicas"] == 2
    for name, each in services.items():
        assert "container_name" not in each, f"{name} could not have replicas"
    assert "ports" not in services["normalizer"], "two containers cannot publish one port"


@pytest.mark.parametrize("name", sorted(OURS | THEIRS))
def test_images_are_pinned_by_version(services: dict[str, Tree], name: str) -> None:
    assert VERSION.match(services[name]["image"])


@pytest.mark.parametrize("name", sorted(OURS | THEIRS))
def test_a_service_comes_back_and_stays_within_bounds(services: dict[str, Tree], name: str) -> None:
    service = services[name]
    limits = service["deploy"]["resources"]["limits"]
    assert service["restart"] == "unless-stopped"
    assert set(limits) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_may_little(services: dict[str, Tree], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "user" not in service, "the image's own user owns the volume"
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_what_waits_for_health_finds_health(services: dict[str, Tree], name: str) -> None:
    check = services[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


def test_dependencies_wait_for_health(services: dict[str, Tree]) -> None:
    waits = {name: each.get("depends_on", {}) for name, each in services.items()}
    conditions = {each["condition"] for wait in waits.values() for each in wait.values()}
    assert conditions == {"service_healthy"}
    for name in OURS - {"sandbox"}:
        assert waits[name].keys() == {"kafka", "postgres"}
    assert {on for wait in waits.values() for on in wait} <= services.keys()


def test_what_is_published_is_published_to_this_machine_alone(services: dict[str, Tree]) -> None:
    published = [port for each in services.values() for port in each.get("ports", [])]
    assert published
    assert all(re.match(r"^127\.0\.0\.1:\d+:\d+$", port) for port in published)
    outside = [port.split(":")[1] for port in published]
    assert len(set(outside)) == len(outside), "two services want one port of the machine"


def test_the_log_and_the_store_cannot_be_reached_from_outside(compose: Tree, services: dict[str, Tree]) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("kafka", "postgres", "normalizer"):
        assert services[name]["networks"] == ["inside"]
        assert "ports" not in services[name]


def test_networks_and_volumes_are_declared_and_used(compose: Tree, services: dict[str, Tree]) -> None:
    networks = {name for each in services.values() for name in each["networks"]}
    volumes = {mount["source"] for each in services.values() for mount in mounts(each, "volume")}
    assert networks == compose["networks"].keys()
    assert volumes == compose["volumes"].keys()


@pytest.mark.parametrize("part", ["configs", "secrets"])
def test_files_are_declared_and_used(compose: Tree, services: dict[str, Tree], part: str) -> None:
    used = {each["source"] for service in services.values() for each in service.get(part, [])}
    assert used == compose[part].keys()


def test_what_is_mounted_exists_and_cannot_be_written(deploy: Path, compose: Tree, services: dict[str, Tree]) -> None:
    binds = [mount for each in services.values() for mount in mounts(each, "bind")]
    assert binds
    assert all(mount["read_only"] is True for mount in binds)
    files = [each["file"] for each in compose["configs"].values()]
    missing = [path for path in [*(mount["source"] for mount in binds), *files] if not (deploy / path).exists()]
    assert missing == []


def test_data_outlives_the_container(services: dict[str, Tree]) -> None:
    kept = {name: [mount["target"] for mount in mounts(services[name], "volume")] for name in THEIRS}
    assert kept == {
        "kafka": [services["kafka"]["environment"]["KAFKA_LOG_DIRS"]],
        "postgres": ["/var/lib/postgresql/data"],
        "prometheus": ["/prometheus"],
        "grafana": ["/var/lib/grafana"],
    }


def test_no_secret_stands_in_the_files(written: Tree, deploy: Path) -> None:
    hidden = re.compile(r"PASSWORD|TOKEN|SECRET|KEY|ADMIN")
    given = {
        (name, variable): value
        for name, service in written["services"].items()
        for variable, value in service.get("environment", {}).items()
        if hidden.search(variable)
    }
    assert given
    shown = {where for where, value in given.items() if value is not None and not str(value).startswith("${")}
    assert shown == set()
    assert not (deploy / "secrets").exists() or not list((deploy / "secrets").glob("*.example"))


def test_the_example_environment_is_whole(
    deploy: Path, written: Tree, example: dict[str, str], services: dict[str, Tree]
) -> None:
    text = (deploy / "compose.yaml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    passed = {
        name
        for service in written["services"].values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }
    assert example.keys() == asked | passed
    assert {name for name, value in example.items() if not value} == set()


def test_kafka_is_one_durable_broker(services: dict[str, Tree]) -> None:
    given: dict[str, Any] = services["kafka"]["environment"]
    copies = {name: value for name, value in given.items() if "REPLICATION_FACTOR" in name or name.endswith("MIN_ISR")}
    assert set(copies.values()) == {1}, "more copies than brokers: Kafka could not make its own topics"
    assert len(copies) == 6
    assert given["KAFKA_LOG_FLUSH_INTERVAL_MESSAGES"] == 1
    assert given["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    listeners = dict(each.split("://") for each in given["KAFKA_LISTENERS"].split(","))
    protocols = dict(each.split(":") for each in given["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    assert listeners.keys() == protocols.keys() == {"PLAIN", "CONTROLLER"}
    assert given["KAFKA_ADVERTISED_LISTENERS"] == f"PLAIN://kafka{listeners['PLAIN']}"
    assert given["KAFKA_CONTROLLER_QUORUM_VOTERS"] == f"{given['KAFKA_NODE_ID']}@kafka{listeners['CONTROLLER']}"


def test_the_database_has_connections_for_many_instances(services: dict[str, Tree]) -> None:
    command = services["postgres"]["command"]
    most = next(int(each.split("=")[1]) for each in command if each.startswith("max_connections="))
    pool = 15  # what SQLAlchemy opens at most for one process, unless it is told otherwise
    assert most >= pool * (len(OURS) + 6)
