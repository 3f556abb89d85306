"""Muara as its users have it: processes of its own, reached over sockets, files and signals only."""

import asyncio
import atexit
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import httpx

from muara.audit import Audit, audit
from muara.config import load_config
from muara.demonstration.scene import Scene, make_secrets, set_stage
from muara.ground import open_books
from muara.home import Home
from runtime.sealing.keyfile import make_key

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0
"""Seconds that anything is waited for. Only a failing test waits so long."""


_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here speaks TLS, but each client would load all certificates of the machine anew."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at the moment, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a command is given: no settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MUARA_", "DEMO_", "COV"))}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", "NO_COLOR": "1"} | dict(extra or {})


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    returncode: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All of it."""
        return self.out + self.err

    def json(self) -> Any:  # noqa: ANN401 whatever it said
        """Standard output as one JSON document."""
        return json.loads(self.out)


def muara(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    unprivileged: bool = False,
) -> Done:
    """Run a command to its end, in a folder. `unprivileged`: file permissions count, even for root."""
    with tempfile.TemporaryDirectory() as place:
        output, errors = Path(place, "output"), Path(place, "errors")
        process = Forked(
            [str(each) for each in arguments],
            environment(env),
            output,
            errors,
            folder=folder,
            unprivileged=unprivileged,
        )
        code = process.wait(170)
        return Done(code, output.read_text(encoding="utf-8"), errors.read_text(encoding="utf-8"))


def refused(done: Done, *words: str, code: int = 2) -> str:
    """That a command ended with words for people: no traceback, nothing on standard output. Returns the words."""
    assert done.returncode == code, done.said
    assert "Traceback" not in done.said
    assert done.out == ""
    for each in words:
        assert each in done.err, f"{each!r} is not in {done.err!r}"
    return done.err


def ledger(home: Path, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`muara audit --json`."""
    done = muara("audit", "--home", home, "--json", env=env)
    assert done.returncode in (0, 1), done.said
    found: dict[str, Any] = done.json()
    assert found["balanced"] == (done.returncode == 0)
    return found


@dataclass
class Place:
    """A home on fixed ports, so that a client that comes again after a restart finds the same address."""

    scene: Scene
    port: int
    smtp_port: int

    @property
    def home(self) -> Path:
        return self.scene.home

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Path:
        return self.home / "muara.yaml"

    @property
    def secret(self) -> str:
        """Signs WhatsApp messages."""
        return self.scene.secrets["DEMO_WA_APP_SECRET"]

    async def audit(self) -> Audit:
        """The ledger, read from outside the process that serves."""
        async with open_books(Home(self.home), load_config(self.home)) as books:
            return await audit(books)

    async def rest(self, received: int, *, patience: float = PATIENCE) -> Audit:
        """Wait until so many messages were received and nothing is in flight; returns the ledger then."""
        async with open_books(Home(self.home), load_config(self.home)) as books:
            found: list[Audit] = []

            async def problem() -> str:
                found[:] = [await audit(books)]
                terms = found[0].terms
                return "" if terms["in_flight"] == 0 and terms["received"] >= received else found[0].line()

            await until(problem, "no rest", patience=patience, pause=0.25)
        return found[0]

    def without_idempotency(self) -> None:
        """Give the hub a profile that promises nothing for a request that is sent twice."""
        shipped = (ROOT / "dispatcher" / "hubs" / "sandbox.yaml").read_text(encoding="utf-8")
        lines = [line for line in shipped.splitlines() if not line.startswith("idempotency:")]
        own = self.home / "hubs" / "plain.yaml"
        own.parent.mkdir()
        own.write_text(
            "\n".join(lines).replace("name: sandbox", "name: plain").replace("settle_after: 5", "settle_after: 1"),
            encoding="utf-8",
        )
        self.rewrite("profile: sandbox", "profile: plain")

    def rewrite(self, before: str, after: str) -> None:
        """Change the configuration."""
        text = self.config.read_text(encoding="utf-8")
        assert before in text
        self.config.write_text(text.replace(before, after), encoding="utf-8")


def make_place(home: Path, hub_url: str, *, wait: float = 0.2, history: Path | None = None) -> Place:
    """A home with the sources of the simulated city, and with what another one has lived through."""
    port, smtp_port = free_ports(2)
    if history is None:
        home.mkdir(parents=True)
        make_key(home / "master.key")
    else:
        shutil.copytree(history, home)
    place = Place(set_stage(home, make_secrets(), hub_url, wait=wait), port, smtp_port)
    place.rewrite("port: 0}\nlog:", f"port: {port}}}\nlog:")
    place.rewrite("smtp: {port: 0}", f"smtp: {{port: {smtp_port}}}")
    place.rewrite("log: {level: error}", "log: {level: info, json_lines: true}")
    return place


class Forked:
    """A child of the zygote, with the part of `Popen` that is used here."""

    _zygote: ClassVar[subprocess.Popen[str] | None] = None
    _turn: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        output: Path,
        errors: Path,
        *,
        folder: Path | None = None,
        unprivileged: bool = False,
    ) -> None:
        request = {
            "arguments": list(arguments),
            "environment": dict(env),
            "output": str(output),
            "errors": str(errors),
            "folder": str(folder) if folder else None,
            "unprivileged": unprivileged,
        }
        pid = self._ask(request)
        assert pid is not None
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        if self.returncode is None:
            self.returncode = self._ask({"pid": self.pid, "poll": True})
        return self.returncode

    def wait(self, patience: float) -> int:
        """Wait for its end."""
        deadline = time.monotonic() + patience
        while (code := self.poll()) is None:
            assert time.monotonic() < deadline, f"process {self.pid} does not end"
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`."""
        self.send_signal(signal.SIGKILL)

    @classmethod
    def _ask(cls, request: Mapping[str, Any]) -> int | None:
        with cls._turn:
            if cls._zygote is None:
                cls._zygote = subprocess.Popen(
                    [sys.executable, "-m", "tests.zygote"],
                    env=environment(),
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                atexit.register(cls._zygote.communicate)
            asked, answered = cls._zygote.stdin, cls._zygote.stdout
            assert asked is not None
            assert answered is not None
            asked.write(f"{json.dumps(request)}\n")
            asked.flush()
            answer: int | None = json.loads(answered.readline())
            return answer


@dataclass
class Running:
    """One process that serves. Its two outputs go into one file."""

    process: "subprocess.Popen[bytes] | Forked"
    output: Path
    url: str
    began: float = field(default_factory=time.monotonic)

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    async def ready(self) -> float:
        """Wait until it takes messages (it listens last of all); returns the seconds since its start."""
        address = urlsplit(self.url)

        def problem() -> str:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.said()[-3000:]}"
            try:
                socket.create_connection((str(address.hostname), int(address.port or 0)), 5).close()
            except OSError as error:
                return repr(error)
            return ""

        await until(problem, "not ready")
        return time.monotonic() - self.began

    def kill(self) -> None:
        """`kill -9`: nothing is finished, nothing is flushed."""
        self.process.kill()
        self.process.wait(PATIENCE)

    async def stop(self) -> int:
        """As a service manager stops it; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for its end; returns the exit code."""
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.kill()


def start(
    place: Place,
    *command: str,
    env: Mapping[str, str] | None = None,
    url: str | None = None,
    unprivileged: bool = False,
    fresh: bool = False,
) -> Running:
    """Start `muara up`, or another command that serves. `fresh`: by an interpreter of its own, which takes seconds."""
    number = len(list(place.home.parent.glob(f"{place.home.name}-*.out")))
    output = place.home.parent / f"{place.home.name}-{number}.out"
    arguments = [*(command or ("up",)), "--home", str(place.home)]
    variables = environment(place.scene.secrets | dict(env or {}))
    process: subprocess.Popen[bytes] | Forked
    if fresh:
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "muara", *arguments], env=variables, stdout=file, stderr=subprocess.STDOUT
            )
    else:
        process = Forked(arguments, variables, output, output, unprivileged=unprivileged)
    return Running(process, output, url or place.url)


async def whatsapp(url: str, secret: str, words: str, *, ident: str | None = None, sender: str | None = None) -> int:
    """One message of one citizen by WhatsApp, signed; returns the answer's code. By default who says the same words is
    the same person, and says it once.

    Raises:
        httpx.TransportError: no answer came.
    """
    sender = sender or f"62811000{int(hashlib.sha256(words.encode()).hexdigest(), 16) % 10000:04}"
    ident = ident or f"wamid.{sender}"
    message = {"from": sender, "id": ident, "timestamp": str(int(time.time())), "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "6281100009999", "phone_number_id": "106540352242922"},
        "contacts": [{"profile": {"name": "Warga"}, "wa_id": sender}],
        "messages": [message | {"text": {"body": words}}],
    }
    change = {"field": "messages", "value": value}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    async with httpx.AsyncClient(trust_env=False, timeout=15, verify=_NO_CERTIFICATES) as client:
        answer = await client.post(
            f"{url}/in/wa-kota", content=body, headers={"X-Hub-Signature-256": f"sha256={signature}"}
        )
    return answer.status_code


async def until(problem: Callable[[], Any], words: str, *, patience: float = PATIENCE, pause: float = 0.05) -> None:
    """Wait until a question (an awaitable of one) is answered with nothing."""
    deadline = time.monotonic() + patience
    while True:
        found = problem()
        if asyncio.iscoroutine(found):
            found = await found
        if not found:
            return
        assert time.monotonic() < deadline, f"{words}: {found}"
        await asyncio.sleep(pause)
