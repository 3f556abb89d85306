"""PostgreSQL on this machine: a cluster of our own on a free port, reached by name and password over the loopback."""

import secrets
import shutil
import signal
import socket
import struct
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.services.missing import PartMissing
from tools.services.places import LOOPBACK, free_ports
from tools.services.postgres_programs import PART, programs, reachable, unprivileged
from tools.services.processes import Server, run

_USER = "muara"
_CHILDREN_REMAIN = "pre-existing shared memory block"
_PATIENCE = 60.0
"""Seconds that the server may take to start."""


class PostgresServer:
    """A server whose data and port stay the same over stops and starts. Make it with `make` or `from_state`."""

    def __init__(self, folder: Path, port: int, password: str, server: Server | None = None) -> None:
        self.folder = folder
        self.port = port
        self._password = password
        self._server = server

    @classmethod
    def make(cls, folder: Path) -> "PostgresServer":
        """Make an empty cluster in a folder; elsewhere when the server's user could not enter it.

        Raises:
            PartMissing: PostgreSQL is not to be had.
        """
        user = unprivileged()
        folder.parent.mkdir(parents=True, exist_ok=True)
        if user is not None and not reachable(folder):
            folder = Path(tempfile.mkdtemp(prefix="muara-postgres-")) / "cluster"
            folder.parent.chmod(0o711)
        folder.mkdir(mode=0o700)
        if user is not None:
            shutil.chown(folder, user)
        made = cls(folder, free_ports(1)[0], secrets.token_urlsafe(18))
        secret = folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(made._password, encoding="ascii")
        if user is not None:
            shutil.chown(secret, user)
        command = [
            str(programs() / "initdb"), "-D", str(made._data), "-U", _USER, "--pwfile", str(secret),
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions",
        ]  # fmt: skip
        code, output = run(command, folder=folder, user=user)
        secret.unlink()
        if code:
            raise PartMissing.after(PART, "initdb", output, f"See {folder}.")
        return made

    @property
    def url(self) -> str:
        """Where its first database is, for drivers that take `postgresql://`."""
        return f"postgresql://{_USER}:{self._password}@{LOOPBACK}:{self.port}/postgres"

    @property
    def running(self) -> bool:
        """Whether the server's process is alive."""
        return self._server is not None and self._server.alive()

    def start(self) -> None:
        """Start the server if it does not run, and wait until it answers.

        Raises:
            PartMissing: it ends, or does not come up in time; with the end of its log.
        """
        if self.running:
            return
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "64MB",
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = [str(programs() / "postgres"), "-D", str(self._data), *settings]
        deadline = time.monotonic() + _PATIENCE
        while True:
            mark = self._log.stat().st_size if self._log.exists() else 0
            self._server = server = Server.spawn(command, log=self._log, folder=self.folder, user=unprivileged())
            server.remember(self.folder / "process")
            while server.alive() and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(0.05)
            said = self._log.read_bytes()[mark:].decode(errors="replace")
            # After a kill its children live on for a moment, and a new server waits for them by failing.
            alive = server.alive()
            if alive or _CHILDREN_REMAIN not in said:
                step = "waiting for the server to answer" if alive else "starting the server"
                self.stop()
                raise PartMissing.after(PART, step, said, f"Its whole log: {self._log}.")
            time.sleep(0.1)

    def kill(self) -> None:
        """End the server by SIGKILL, as the kernel's out-of-memory killer would."""
        if self._server is not None:
            self._server.kill()

    def stop(self) -> None:
        """End the server; open connections are cut, the data stays."""
        if self._server is not None:
            self._server.stop(patience=20.0, gently=signal.SIGINT)
            self._server = None

    def state(self) -> dict[str, Any]:
        """What `from_state` needs, for JSON."""
        return {"folder": str(self.folder), "port": self.port, "password": self._password}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "PostgresServer":
        """The server that another process made."""
        folder = Path(state["folder"])
        return cls(folder, state["port"], state["password"], Server.known(folder / "process"))

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _answers(self) -> bool:
        """Greets it as a client does: one that is ready asks for the password (R), one that is starting errs (E)."""
        words = f"user\0{_USER}\0database\0postgres\0\0".encode()
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(struct.pack("!ii", len(words) + 8, 3 << 16) + words)
                return connection.recv(1) == b"R"
        except OSError:
            return False
