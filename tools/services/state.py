"""What `make services` started, in one JSON file: ports, passwords, pids."""

import json
import shutil
from pathlib import Path
from typing import Any

from tools.services.kafka import KafkaCluster
from tools.services.places import HOME
from tools.services.postgres import PostgresServer
from tools.services.processes import Server
from tools.services.s3 import S3Server


class State:
    """The servers of one folder, as the file says. Save after every change."""

    def __init__(self, home: Path = HOME, owner: Server | None = None) -> None:
        """`owner` is the process that the servers serve alone; without one they stay until they are stopped."""
        self.home = home
        self._file = home / "state.json"
        known = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        self.owner = owner or (Server(*known["owner"]) if "owner" in known else None)
        self.kafka = KafkaCluster.from_state(known["kafka"]) if "kafka" in known else None
        self.postgres = PostgresServer.from_state(known["postgres"]) if "postgres" in known else None
        self.s3 = S3Server.from_state(known["s3"]) if "s3" in known else None

    def save(self) -> None:
        """Write the file, whole or not at all; only its owner may read it."""
        self.home.mkdir(parents=True, exist_ok=True)
        parts = {"kafka": self.kafka, "postgres": self.postgres, "s3": self.s3}
        known: dict[str, Any] = {name: part.state() for name, part in parts.items() if part is not None}
        if self.owner is not None:
            known["owner"] = [self.owner.pid, self.owner.born]
        new = self._file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        new.replace(self._file)

    def end(self) -> None:
        """Stop the servers and remove the folder with all their data."""
        for part in (self.kafka, self.postgres, self.s3):
            if part is not None:
                part.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def sweep(home: Path = HOME) -> None:
    """End what runs left behind that were killed themselves."""
    for folder in home.glob("run-*"):
        state = State(folder)
        if state.owner is not None and not state.owner.alive():
            state.end()
