"""What compose.yaml says to our programs: command lines, addresses, paths and variables that the code knows."""

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from asyncpg import connect_utils  # type: ignore[import-untyped]
from prometheus_client import CollectorRegistry
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from muara.__main__ import app
from muara.commands import serve
from muara.config import Config, HubConfig, SourceConfig
from muara.home import Home
from muara.lazy import unfold
from muara.wiring import SERVICES
from runtime.bus.kafka_settings import KafkaSettings
from runtime.http import application, health_routes
from runtime.sealing.keyfile import ENVIRONMENT as MASTER_KEY
from sandbox.hub.server import HubSimulation

Tree = dict[str, Any]

PIPELINE = sorted(SERVICES)


def parameters(command: object) -> Iterator[click.Parameter]:
    yield from getattr(command, "params", ())
    for sub in getattr(command, "commands", {}).values():
        yield from parameters(sub)


def variables() -> set[str]:
    """Every environment variable that an option of ours reads."""
    found: set[str] = set()
    for parameter in parameters(unfold(app)):
        names = parameter.envvar or ()
        found |= {names} if isinstance(names, str) else set(names)
    return found


def secrets_of(parts: Mapping[str, SourceConfig] | Mapping[str, HubConfig]) -> set[str]:
    """The variables that sources or hubs name."""
    found: set[str] = set()
    for part in parts.values():
        for names in part.secrets.values():
            found |= {names} if isinstance(names, str) else set(names)
    return found


class Started:
    """Stands where services would start, and keeps what was to be started."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    async def __call__(self, *given: object, **named: object) -> None:
        self.calls.append((*given, *named.values()))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    started = Started()
    monkeypatch.setattr(serve, "_serve", started)
    monkeypatch.setattr(serve, "_sandbox", started)
    return started


def given_to(service: Tree) -> dict[str, str | None]:
    """The environment of a container: the image's, and the composition's. Nothing of this machine's."""
    known = dict.fromkeys(variables())
    return known | {"MUARA_HOME": "/var/lib/muara"} | {name: str(v) for name, v in service["environment"].items()}


@pytest.mark.parametrize("name", PIPELINE)
def test_a_command_line_starts_its_service(ours: dict[str, Tree], started: Started, name: str) -> None:
    result = CliRunner().invoke(app, ours[name]["command"], env=given_to(ours[name]))
    assert result.exit_code == 0, result.output
    [call] = started.calls
    assert Path("/var/lib/muara") in call
    assert (name,) in call


def test_the_command_line_of_the_simulation_starts_it(ours: dict[str, Tree], started: Started) -> None:
    result = CliRunner().invoke(app, ours["sandbox"]["command"], env=given_to(ours["sandbox"]))
    assert result.exit_code == 0, result.output
    [call] = started.calls
    environment = ours["sandbox"]["environment"]
    secrets = {environment["MUARA_SANDBOX_TOKEN"], environment["MUARA_SANDBOX_ADMIN"]}
    assert {Path("/var/lib/muara/data/sandbox-hub.db"), 8500, "0.0.0.0", *secrets} <= set(call)  # noqa: S104 read only


def test_a_mistyped_command_line_is_noticed(started: Started) -> None:
    assert CliRunner().invoke(app, ["run", "normaliser"]).exit_code == 2
    assert CliRunner().invoke(app, ["run", "normalizer", "--no-such-option"]).exit_code == 2
    assert started.calls == []


@pytest.mark.parametrize("name", [*PIPELINE, "sandbox"])
def test_every_variable_is_read_by_somebody(ours: dict[str, Tree], config: Config, name: str) -> None:
    """By an option, by the sealing, by the configuration's own choice of names, or by the driver of the database."""
    named = secrets_of(config.sources) | secrets_of(config.hubs)
    driver = set(re.findall(r"['\"](PG[A-Z]+)['\"]", inspect.getsource(connect_utils)))
    unknown = ours[name]["environment"].keys() - variables() - {MASTER_KEY} - named - driver
    assert unknown == set(), f"{name} is given what nothing reads"


def test_secrets_go_to_whoever_needs_them_and_to_nobody_else(ours: dict[str, Tree], config: Config) -> None:
    sources, hubs = secrets_of(config.sources), secrets_of(config.hubs)
    held = {name: set(ours[name]["environment"]) & (sources | hubs) for name in PIPELINE}
    assert held == {"connectors": sources, "dispatcher": hubs, "normalizer": set(), "portal": set()}


@pytest.mark.parametrize("name", PIPELINE)
def test_the_log_is_the_kafka_of_the_composition(
    ours: dict[str, Tree], services: dict[str, Tree], name: str, config: Config
) -> None:
    settings = KafkaSettings.from_url(ours[name]["environment"]["MUARA_BUS"])
    advertised = services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert settings.servers == (advertised.removeprefix("PLAIN://"),)
    assert settings.replication == 1
    assert settings.tls is False
    assert config.partitions >= services["normalizer"]["deploy"]["replicas"], "some normalizers would have no work"


@pytest.mark.parametrize("name", PIPELINE)
def test_the_store_is_the_database_of_the_composition(
    ours: dict[str, Tree], services: dict[str, Tree], name: str
) -> None:
    environment, database = ours[name]["environment"], services["postgres"]["environment"]
    url = make_url(environment["MUARA_STORE"])
    assert url.drivername == "postgresql+asyncpg"
    assert (url.host, url.port) == ("postgres", 5432)
    assert (url.username, url.database) == (database["POSTGRES_USER"], database["POSTGRES_DB"])
    assert url.password is None
    assert environment["PGPASSWORD"] == database["POSTGRES_PASSWORD"]


@pytest.mark.parametrize("name", PIPELINE)
def test_files_are_where_a_home_has_them(ours: dict[str, Tree], name: str) -> None:
    home, service = Home(Path("/var/lib/muara")), ours[name]
    targets = {
        str(each["target"]) for part in ("configs", "secrets", "volumes") for each in service[part] if "target" in each
    }
    assert targets == {
        str(home.folder / "muara.yaml"),
        str(home.key),
        str(home.data),
        str(home.folder / "channels"),
    }


def test_ports_are_those_that_are_listened_on(ours: dict[str, Tree], config: Config) -> None:
    inside = {name: {int(port.rsplit(":")[-1]) for port in each.get("ports", [])} for name, each in ours.items()}
    assert config.connectors.smtp is not None
    command = ours["sandbox"]["command"]
    assert inside == {
        "connectors": {config.http.port, config.connectors.smtp.port},
        "normalizer": set(),
        "dispatcher": {config.http.port},
        "portal": {config.http.port},
        "sandbox": {int(command[command.index("--port") + 1])},
    }
    # A container's own loopback is nobody's: what is published has to listen everywhere.
    assert {config.http.host, config.connectors.smtp.host} == {"0.0.0.0"}  # noqa: S104 inside a container


async def test_our_services_are_asked_for_health_where_they_answer(ours: dict[str, Tree]) -> None:
    served = httpx.ASGITransport(application("Muara", "Health alone.", health_routes({}, CollectorRegistry())))
    async with httpx.AsyncClient(transport=served, base_url="http://127.0.0.1:8400") as client:
        assert (await client.get("/healthz")).status_code == 200
    assert [name for name in PIPELINE if "healthcheck" in ours[name]] == [], "the image's own check is theirs"


async def test_the_simulation_is_asked_for_health_where_it_answers(ours: dict[str, Tree], tmp_path: Path) -> None:
    [address] = re.findall(r"http://127\.0\.0\.1:8500(/\w+)", " ".join(ours["sandbox"]["healthcheck"]["test"]))
    hub = HubSimulation(tmp_path / "hub.db", token="t", admin_token="a")
    paths = {getattr(route, "path", None) for route in hub._app.routes}
    assert address in paths
