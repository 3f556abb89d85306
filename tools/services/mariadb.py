"""MariaDB on this machine: a server without privileges on a loopback port, reached by name and password."""

import os
import secrets
import shutil
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tools.services.debian import program
from tools.services.missing import PartMissing
from tools.services.places import LOOPBACK, free_ports
from tools.services.postgres_programs import unprivileged
from tools.services.processes import Server, run

PART = "MariaDB"
_PACKAGES = "mariadb-server-core mariadb-client-core"
"""The server's programs alone: the package `mariadb-server` would start one that belongs to the system."""
_USER = "muara"
_PATIENCE = 60.0
"""Seconds that it may take to start, on a machine that has other things to do."""


@dataclass(slots=True)
class MariadbServer:
    """One server, whose data and port stay the same over stops and starts. Make it with `make`."""

    folder: Path
    port: int
    password: str
    server: Server | None = None

    @classmethod
    def make(cls) -> "MariadbServer":
        """Prepare a new one, in a temporary folder, since the name of its socket must not become long.

        Raises:
            PartMissing: it is not to be had.
        """
        installer, environment = program("mariadb-install-db", _PACKAGES, PART)
        folder = Path(tempfile.mkdtemp(prefix="muara-mariadb-"))
        folder.chmod(0o711)
        made = cls(folder, free_ports(1)[0], secrets.token_hex(12))
        user = unprivileged()
        made._beginning.touch(mode=0o600)
        made._beginning.write_text(
            f"CREATE USER IF NOT EXISTS '{_USER}'@'%' IDENTIFIED BY '{made.password}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO '{_USER}'@'%' WITH GRANT OPTION;\n",
            encoding="ascii",
        )
        if os.geteuid() == 0 and user is not None:
            for path in (folder, made._beginning):
                shutil.chown(path, user)
        command = [
            str(installer), "--no-defaults", f"--datadir={made._data}", f"--basedir={installer.parent.parent}",
            "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
        ]  # fmt: skip
        code, output = run(command, folder=folder, user=user, environment=environment)
        if code:
            raise PartMissing.after(PART, "mariadb-install-db", output, f"See {folder}.")
        return made

    @property
    def url(self) -> str:
        """Where it is, without a database."""
        return f"mariadb://{_USER}:{self.password}@{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Start it if it does not run, and wait until it answers.

        Raises:
            PartMissing: it ends, or does not come up in time; with the end of its log.
        """
        if self.server is not None and self.server.alive():
            return
        binary, environment = program("mariadbd", _PACKAGES, PART)
        command = [
            str(binary), "--no-defaults", f"--datadir={self._data}", f"--basedir={binary.parent.parent}",
            f"--bind-address={LOOPBACK}", f"--port={self.port}", f"--socket={self.folder}/socket",
            f"--pid-file={self.folder}/pid", f"--init-file={self._beginning}", "--skip-name-resolve",
            "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin",
        ]  # fmt: skip
        log = self.folder / "output.log"
        self.server = Server.spawn(command, log=log, folder=self.folder, user=unprivileged(), environment=environment)
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if not self.server.alive() or time.monotonic() > deadline:
                self.kill()
                raise PartMissing.after(PART, "starting the server", log.read_text(errors="replace"), f"See {log}.")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it by SIGKILL, as a power cut would."""
        if self.server is not None:
            self.server.kill()
            self.server = None

    def end(self) -> None:
        """Stop it, and remove its data."""
        if self.server is not None:
            self.server.stop(patience=20.0)
            self.server = None
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _beginning(self) -> Path:
        return self.folder / "beginning.sql"

    def _answers(self) -> bool:
        """Whether it greets: the tenth version of its protocol, after the length and the number of the packet."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                return connection.recv(5)[4:5] == b"\x0a"
        except OSError:
            return False
