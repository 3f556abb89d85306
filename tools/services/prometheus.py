"""Prometheus on this machine: Debian's own, with its tool for rules. Each server has its own port and data."""

import json
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from tools.services.debian import program
from tools.services.missing import PartMissing
from tools.services.places import LOOPBACK, free_ports
from tools.services.processes import Server

PART = "Prometheus"
_PACKAGE = "prometheus"
_PATIENCE = 60.0
"""Seconds that it may take to start, on a machine that has other things to do."""
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Promtool:
    """Prometheus' tool for rules and configurations."""

    path: Path
    environment: Mapping[str, str]

    @classmethod
    def find(cls) -> "Promtool":
        """Install it where it is not.

        Raises:
            PartMissing: it cannot be had.
        """
        return cls(*program("promtool", _PACKAGE, PART))

    def __call__(self, *arguments: str | Path) -> tuple[int, str]:
        """Exit code and all that it says."""
        done = subprocess.run(  # noqa: S603 its path was found by us
            [self.path, *arguments], capture_output=True, text=True, check=False, timeout=120, env={**self.environment}
        )
        return done.returncode, done.stdout + done.stderr


class PrometheusServer:
    """One server. Make it with `start`, end it with `stop`."""

    def __init__(self, server: Server, port: int) -> None:
        self._server = server
        self.url = f"http://{LOOPBACK}:{port}"

    @classmethod
    def start(cls, folder: Path, configuration: Mapping[str, Any]) -> "PrometheusServer":
        """Start one that keeps its data in a folder; returns when it answers.

        Raises:
            PartMissing: it cannot be had, or does not start.
        """
        path, environment = program("prometheus", _PACKAGE, PART)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "prometheus.json"  # JSON is YAML
        file.write_text(json.dumps(configuration), encoding="utf-8")
        (port,) = free_ports(1)
        log = folder / "server.log"
        command = [
            str(path), f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={LOOPBACK}:{port}",
        ]  # fmt: skip
        made = cls(Server.spawn(command, log=log, folder=folder, environment=environment), port)
        deadline = time.monotonic() + _PATIENCE
        while not made._ready():
            if not made._server.alive() or time.monotonic() > deadline:
                made.stop()
                raise PartMissing(PART, f"it does not start: {_last(log)}", "Mend that, and run again.")
            time.sleep(0.1)
        return made

    def stop(self) -> None:
        """End it."""
        self._server.stop(patience=10)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an expression now.

        Raises:
            ValueError: the expression is wrong; says why.
        """
        found: list[dict[str, Any]] = self._get("query", query=expression)["result"]
        return found

    def alerts(self) -> list[dict[str, Any]]:
        """The alerts that are pending or firing."""
        found: list[dict[str, Any]] = self._get("alerts")["alerts"]
        return found

    def _ready(self) -> bool:
        try:
            with _OPENER.open(f"{self.url}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def _get(self, what: str, **parameters: str) -> Any:  # noqa: ANN401 JSON
        try:
            with _OPENER.open(f"{self.url}/api/v1/{what}?{urlencode(parameters)}", timeout=30) as answer:
                return json.load(answer)["data"]
        except URLError as error:
            body = error.read().decode(errors="replace") if hasattr(error, "read") else ""
            raise ValueError(f"{error}: {body}") from error


def _last(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "it says nothing"


def folder() -> Path:
    """A new folder for one server's data."""
    return Path(tempfile.mkdtemp(prefix="prometheus-"))
