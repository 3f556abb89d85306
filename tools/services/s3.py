"""Storage that speaks S3 on this machine: S3Proxy before a folder. Each folder below `buckets` is a bucket."""

import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.services.jars import jars, java
from tools.services.missing import PartMissing
from tools.services.places import LOOPBACK, free_ports
from tools.services.processes import Server

_PART = "S3"
_POM = Path(__file__).with_name("s3proxy.xml")
_ARTIFACT = "org.gaul:s3proxy"
_PATIENCE = 60.0
"""Seconds that it may take to start, on a machine that has other things to do."""
_LOGGING = """\
<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d %level %logger{0} %msg%n</pattern></encoder>
  </appender>
  <root level="info"><appender-ref ref="OUT"/></root>
</configuration>
"""


@dataclass(slots=True)
class S3Server:
    """One server, whose data, port and keys stay the same over stops and starts. Make it with `make`."""

    folder: Path
    port: int
    key: str
    secret: str
    server: Server | None = None

    @classmethod
    def make(cls, folder: Path) -> "S3Server":
        """Prepare a new one.

        Raises:
            PartMissing: Java, Maven or the jars are not to be had.
        """
        (folder / "buckets").mkdir(parents=True)
        java(_PART)
        jars(_POM, _PART, _ARTIFACT)
        (port,) = free_ports(1)
        made = cls(folder, port, f"MUARA{secrets.token_hex(6).upper()}", secrets.token_urlsafe(24))
        made._properties.touch(mode=0o600)
        made._properties.write_text(
            "s3proxy.authorization=aws-v2-or-v4\n"
            f"s3proxy.identity={made.key}\n"
            f"s3proxy.credential={made.secret}\n"
            f"s3proxy.endpoint={made.endpoint}\n"
            "jclouds.provider=filesystem-nio2\n"
            "jclouds.identity=local\n"
            "jclouds.credential=local\n"
            f"jclouds.filesystem.basedir={made.folder / 'buckets'}\n",
            encoding="utf-8",
        )
        (folder / "logback.xml").write_text(_LOGGING, encoding="utf-8")
        return made

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The credentials, as AWS names them."""
        return {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret}

    @property
    def running(self) -> bool:
        """Whether its process is alive."""
        return self.server is not None and self.server.alive()

    def bucket(self) -> Path:
        """A new bucket: the folder that its objects lie in."""
        folder = self.folder / "buckets" / f"test-{uuid.uuid4().hex[:12]}"
        folder.mkdir()
        return folder

    def start(self) -> None:
        """Start it if it does not run, and wait until it answers.

        Raises:
            PartMissing: it ends, or does not come up in time; with the end of its log.
        """
        if self.running:
            return
        program, environment = java(_PART)
        log = self.folder / "server.log"
        mark = log.stat().st_size if log.exists() else 0
        options = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        self.server = server = Server.spawn(
            [
                str(program), *options, f"-Dlogback.configurationFile={self.folder / 'logback.xml'}",
                "-cp", f"{jars(_POM, _PART, _ARTIFACT)}/*", "org.gaul.s3proxy.Main",
                "--properties", str(self._properties),
            ],
            log=log,
            folder=self.folder,
            environment=environment,
        )  # fmt: skip
        server.remember(self._process)
        deadline = time.monotonic() + _PATIENCE
        while True:
            with log.open("rb") as file:
                file.seek(mark)
                text = file.read().decode(errors="replace")
            if "Started ServerConnector" in text:
                return
            ended = not server.alive()
            if ended or time.monotonic() > deadline:
                step = "the server did not start" if not ended else "the server ended while starting"
                self.stop()
                raise PartMissing.after(_PART, step, text, f"Its whole log: {log}.")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it; the data stays."""
        if self.server is not None:
            self.server.stop(patience=5.0)
            self.server = None

    def state(self) -> dict[str, Any]:
        """What `from_state` needs, for JSON."""
        return {"folder": str(self.folder), "port": self.port, "key": self.key, "secret": self.secret}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "S3Server":
        """The server that another process made."""
        made = cls(Path(state["folder"]), state["port"], state["key"], state["secret"])
        made.server = Server.known(made._process)
        return made

    @property
    def _properties(self) -> Path:
        return self.folder / "s3proxy.properties"

    @property
    def _process(self) -> Path:
        return self.folder / "process"
