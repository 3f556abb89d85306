"""What Muara stands on in the large size: brokers and a PostgreSQL of its own, which may be killed and stopped."""

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]

from tools.services.kafka import KafkaCluster
from tools.services.places import free_ports
from tools.services.postgres import PostgresServer


@dataclass
class Servers:
    """Both, with the ports at which the brokers' clients are told to come: those of proxies."""

    kafka: KafkaCluster
    postgres: PostgresServer
    proxies: list[int]
    _stopped: list[int] = field(default_factory=list)

    @classmethod
    def make(cls, folder: Path, *, brokers: int) -> "Servers":
        """Make and start them below a folder.

        Raises:
            PartMissing: one cannot be had here.
        """
        proxies = free_ports(brokers)
        kafka = KafkaCluster.make(folder / "kafka", brokers=brokers, proxies=proxies)
        postgres = PostgresServer.make(folder / "postgres")
        made = cls(kafka, postgres, proxies)
        try:
            kafka.start()
            postgres.start()
        except BaseException:
            made.stop()
            raise
        return made

    @property
    def brokers(self) -> list[int]:
        """Their numbers."""
        return [node.number for node in self.kafka.nodes]

    def stop(self) -> None:
        """End both; their data stays."""
        self.resume_postgres()
        self.kafka.stop()
        self.postgres.stop()

    async def database(self, name: str) -> str:
        """A new database, as `postgresql://user:password@host:port/name`, without a proxy."""
        connection = await asyncpg.connect(self.postgres.url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        return urlsplit(self.postgres.url)._replace(path=f"/{name}").geturl()

    async def restart(self) -> None:
        """Start what does not run, and wait until it serves."""
        await asyncio.to_thread(self.kafka.start)
        await asyncio.to_thread(self.postgres.start)

    def kill_postgres(self) -> None:
        """`kill -9` of the server and of every process that it began."""
        processes = self._postgres_processes()
        self.postgres.kill()
        for pid in processes[1:]:
            _send(pid, signal.SIGKILL)

    def stop_postgres_clock(self) -> None:
        """SIGSTOP for the server, so that it begins no more, then for each of its processes."""
        for pid in self._postgres_processes()[:1]:
            _send(pid, signal.SIGSTOP)
        self._stopped = self._postgres_processes()
        for pid in self._stopped:
            _send(pid, signal.SIGSTOP)

    def resume_postgres(self) -> None:
        """SIGCONT for whatever was stopped."""
        for pid in reversed(self._stopped):
            _send(pid, signal.SIGCONT)
        self._stopped = []

    def _postgres_processes(self) -> list[int]:
        """The server's own process id, then those of its children."""
        try:
            told = (self.postgres.folder / "data" / "postmaster.pid").read_text(encoding="ascii")
        except FileNotFoundError:
            return []
        server = int(told.split("\n", 1)[0])
        children = [
            int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal() and _parent(path) == server
        ]
        return [server, *children]


def _parent(process: Path) -> int:
    try:
        told = (process / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0  # it has ended meanwhile
    return int(told.rpartition(")")[2].split()[1])


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has ended meanwhile
        os.kill(pid, number)
