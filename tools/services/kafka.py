"""Apache Kafka on this machine: one broker, or a quorum of three that survives the loss of any one."""

import base64
import secrets
import signal
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tools.services import certificates
from tools.services.jars import jars, java
from tools.services.missing import PartMissing
from tools.services.places import LOOPBACK, free_ports
from tools.services.processes import Server, run

_PART = "Kafka"
_USER = "muara"
_PATIENCE = 90.0
"""Seconds that a broker may take to start, on a machine that has other things to do."""
_LOGGING = Path(__file__).with_name("log4j2.properties")
_JVM = (
    "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", f"-Dlog4j2.configurationFile={_LOGGING}",
)  # fmt: skip
"""A small heap and the quick compiler alone: a broker that is up soon matters more here than records a second."""


@dataclass(frozen=True, slots=True)
class Secure:
    """The listener with TLS and SCRAM-SHA-512."""

    bootstrap: str
    user: str
    password: str
    ca_file: Path


@dataclass(slots=True)
class Node:
    """One broker, which is also a controller: its place, its ports, its process when it was started."""

    number: int
    folder: Path
    plain: int
    secure: int
    controller: int
    behind: int | None = None
    """Where a proxy finds it, if clients are to be sent through one."""
    server: Server | None = None

    @property
    def log(self) -> Path:
        """What the broker prints."""
        return self.folder / "server.log"

    @property
    def process(self) -> Path:
        """Which process it was started as last."""
        return self.folder / "process"

    @property
    def properties(self) -> Path:
        """Its configuration."""
        return self.folder / "server.properties"


class KafkaCluster:
    """Brokers whose data and ports stay the same over stops and starts. Make it with `make` or `from_state`."""

    def __init__(self, folder: Path, nodes: Sequence[Node], password: str) -> None:
        self.folder = folder
        self.nodes = list(nodes)
        self._password = password

    @classmethod
    def make(cls, folder: Path, *, brokers: int = 1, proxies: Sequence[int] = ()) -> "KafkaCluster":
        """Format the storage of new brokers below a folder.

        `proxies`: for each broker the port of a proxy that is somebody else's; then it has one listener more, at
        `behind`, whose clients are told to come to the proxy's port.

        Raises:
            PartMissing: Java, Maven or the jars are not to be had.
        """
        folder.mkdir(parents=True, exist_ok=True)
        ports = free_ports(4 * brokers)
        nodes = [_node(folder, n + 1, ports[4 * n : 4 * n + (4 if proxies else 3)]) for n in range(brokers)]
        cluster = cls(folder, nodes, secrets.token_urlsafe(18))
        _, pem = certificates.make(folder)
        cluster_id = _random_id()
        controllers = {node.number: f"{node.number}@{LOOPBACK}:{node.controller}:{_random_id()}" for node in nodes}
        program, environment = java()
        for node, proxy in zip_longest(nodes, proxies):
            node.folder.mkdir()
            node.properties.touch(mode=0o600)
            node.properties.write_text(_properties(node, nodes, pem, proxy), encoding="utf-8")
            quorum = ["--standalone"] if brokers == 1 else ["--initial-controllers", ",".join(controllers.values())]
            scram = f"SCRAM-SHA-512=[name={_USER},password={cluster._password}]"
            command = [
                "kafka.tools.StorageTool", "format", *quorum, "-t", cluster_id, "-c", str(node.properties),
                "--add-scram", scram,
            ]  # fmt: skip
            code, output = run([str(program), *_JVM, "-cp", f"{jars()}/*", *command], environment=environment)
            if code:
                raise PartMissing.after(_PART, "formatting the storage", output, f"See {node.folder}.")
        return cluster

    @property
    def bootstrap(self) -> str:
        """Addresses of the brokers, without encryption."""
        return ",".join(f"{LOOPBACK}:{node.plain}" for node in self.nodes)

    @property
    def secure(self) -> Secure:
        """The same brokers over TLS, with name and password."""
        addresses = ",".join(f"{LOOPBACK}:{node.secure}" for node in self.nodes)
        return Secure(addresses, _USER, self._password, self.folder / "authority.pem")

    @property
    def running(self) -> bool:
        """Whether every broker's process is alive."""
        return all(node.server is not None and node.server.alive() for node in self.nodes)

    def start(self) -> None:
        """Start the brokers that do not run, and wait until each serves.

        Raises:
            PartMissing: one ends, or does not come up in time; with the end of its log.
        """
        idle = [node for node in self.nodes if node.server is None or not node.server.alive()]
        marks = {node.number: node.log.stat().st_size if node.log.exists() else 0 for node in idle}
        program, environment = java()
        for node in idle:
            node.server = Server.spawn(
                [str(program), *_JVM, "-cp", f"{jars()}/*", "kafka.Kafka", str(node.properties)],
                log=node.log,
                folder=node.folder,
                environment=environment,
            )
            node.server.remember(node.process)
        deadline = time.monotonic() + _PATIENCE
        for node in idle:
            self._wait(node, marks[node.number], deadline)

    def kill(self, number: int) -> None:
        """End a broker by SIGKILL."""
        if server := self._node(number).server:
            server.kill()

    def pause(self, number: int) -> None:
        """Stop a broker's clock (SIGSTOP) until `resume`."""
        if server := self._node(number).server:
            server.pause()

    def resume(self, number: int) -> None:
        """Let a paused broker go on."""
        if server := self._node(number).server:
            server.send(signal.SIGCONT)

    def stop(self) -> None:
        """End all brokers; the data stays."""
        servers = [node.server for node in self.nodes if node.server is not None]
        for server in servers:
            server.send(signal.SIGCONT)
            server.send(signal.SIGTERM)
        for server in servers:
            # The last ones wait for a quorum that is gone: short patience, then force.
            server.stop(patience=2.0)
        for node in self.nodes:
            node.server = None

    def state(self) -> dict[str, Any]:
        """What `from_state` needs, for JSON."""
        return {
            "folder": str(self.folder),
            "password": self._password,
            "nodes": [
                {"number": node.number, "ports": [node.plain, node.secure, node.controller, node.behind]}
                for node in self.nodes
            ],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "KafkaCluster":
        """The cluster that another process made."""
        folder = Path(state["folder"])
        nodes = [_node(folder, one["number"], one["ports"]) for one in state["nodes"]]
        for node in nodes:
            node.server = Server.known(node.process)
        return cls(folder, nodes, state["password"])

    def _node(self, number: int) -> Node:
        return next(node for node in self.nodes if node.number == number)

    def _wait(self, node: Node, mark: int, deadline: float) -> None:
        while True:
            with node.log.open("rb") as log:
                log.seek(mark)
                text = log.read().decode(errors="replace")
            if "Kafka Server started" in text:
                return
            ended = node.server is None or not node.server.alive()
            if ended or time.monotonic() > deadline:
                step = "the broker ended while starting" if ended else f"the broker did not start in {_PATIENCE:.0f} s"
                self.stop()
                raise PartMissing.after(_PART, step, text, f"Its whole log: {node.log}.")
            time.sleep(0.05)


def _node(folder: Path, number: int, ports: Sequence[int]) -> Node:
    plain, secure, controller, *more = ports
    return Node(number, folder / f"node-{number}", plain, secure, controller, more[0] if more else None)


def _random_id() -> str:
    """An id as Kafka writes it: a UUID in URL-safe base 64, and not beginning like an option."""
    while (made := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        continue
    return made


def _properties(node: Node, nodes: Sequence[Node], pem: Path, proxy: int | None) -> str:
    """The configuration of one broker. Replication as far as there are brokers; waits short enough for tests."""
    copies, quorum = min(3, len(nodes)), min(2, len(nodes))
    own = [("PLAIN", node.plain), ("SECURE", node.secure), ("CONTROLLER", node.controller)]
    told = [*own, ("PROXIED", proxy)] if proxy is not None else own
    heard = [*own, ("PROXIED", node.behind)] if proxy is not None else own
    listeners, advertised = (",".join(f"{name}://{LOOPBACK}:{port}" for name, port in each) for each in (heard, told))
    return f"""\
process.roles=broker,controller
node.id={node.number}
controller.quorum.bootstrap.servers={",".join(f"{LOOPBACK}:{one.controller}" for one in nodes)}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAIN
listeners={listeners}
advertised.listeners={advertised}
listener.security.protocol.map=PLAIN:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location={pem}
log.dirs={node.folder / "data"}
auto.create.topics.enable=false
default.replication.factor={copies}
min.insync.replicas={quorum}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={quorum}
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={quorum}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=1000
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=4194304
"""
