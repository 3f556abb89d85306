"""What `make services` started, in one JSON file: ports, passwords, pids."""

import json
from pathlib import Path

from tools.services.kafka import KafkaCluster
from tools.services.places import HOME
from tools.services.postgres import PostgresServer


class State:
    """The servers of one folder, as the file says. Save after every change."""

    def __init__(self, home: Path = HOME) -> None:
        self.home = home
        self._file = home / "state.json"
        known = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        self.kafka = KafkaCluster.from_state(known["kafka"]) if "kafka" in known else None
        self.postgres = PostgresServer.from_state(known["postgres"]) if "postgres" in known else None

    def save(self) -> None:
        """Write the file, whole or not at all; only its owner may read it."""
        self.home.mkdir(parents=True, exist_ok=True)
        parts = {"kafka": self.kafka, "postgres": self.postgres}
        known = {name: part.state() for name, part in parts.items() if part is not None}
        new = self._file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        new.replace(self._file)
