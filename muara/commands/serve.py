"""`muara up` and `muara run`: the services."""

import asyncio
import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import structlog
import typer

from muara.collecting import collect_seldom
from muara.config import missing_variables
from muara.context import BusOption, HomeOption, StoreOption, find, run
from muara.door import open_door
from muara.ground import Ground, open_ground
from muara.home import Home
from muara.output import fail, say
from muara.parts import find_parts
from muara.wiring import SERVICES, Application
from runtime.telemetry import logs
from sandbox.hub.server import HubSimulation
from schemas.topics import RAW

log = structlog.get_logger()


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up")(up)
    app.command("run")(run_service)


Port = Annotated[int | None, typer.Option(help="Port of the HTTP server; muara.yaml's by default, 0 for a free one.")]


def up(home: HomeOption = Path(), *, port: Port = None, bus: BusOption = None, store: StoreOption = None) -> None:
    """All services in one process, until Ctrl-C."""
    run(_serve(home, SERVICES, port, bus, store))


def run_service(
    service: Annotated[str, typer.Argument(help="connectors, normalizer, dispatcher, portal or sandbox.")],
    home: HomeOption = Path(),
    *,
    port: Port = None,
    bus: BusOption = None,
    store: StoreOption = None,
    host: Annotated[str, typer.Option(help="sandbox: where it listens; 0.0.0.0 for other machines.")] = "127.0.0.1",
    token: Annotated[str, typer.Option(envvar="MUARA_SANDBOX_TOKEN", help="sandbox: what its clients must send.")] = "",
    admin_token: Annotated[str, typer.Option(envvar="MUARA_SANDBOX_ADMIN", help="sandbox: for its switches.")] = "",
    data: Annotated[Path, typer.Option(help="sandbox: its database.")] = Path("sandbox-hub.db"),
) -> None:
    """One service, in a process of its own. `sandbox` is the simulated hub."""
    if service == "sandbox":
        if not token or not admin_token:
            fail("the simulated hub needs --token and --admin-token (or MUARA_SANDBOX_TOKEN and MUARA_SANDBOX_ADMIN)")
        run(_sandbox(data, token, admin_token, host, port or 0))
    elif service in SERVICES:
        run(_serve(home, (service,), port, bus, store))
    else:
        fail(f"there is no service {service!r}: say {', '.join(SERVICES)} or sandbox")


async def _serve(folder: Path, services: tuple[str, ...], port: int | None, bus: str | None, store: str | None) -> None:
    home, config = find(folder, bus=bus, store=store)
    if port is not None:
        config = config.model_copy(update={"http": config.http.model_copy(update={"port": port})})
    sum_up = logs.configure(json=config.log.json_lines, level=config.log.level)
    parts = find_parts(home, config, services)
    collect_seldom()
    # On Kafka a service may run in many processes; in the embedded size each is alone with its files.
    with _alone(home, services) if config.bus is None else nullcontext():
        async with open_ground(home, config, services, waits=True) as ground, open_door(ground, services) as door:
            await _warn(ground, services)
            application = Application(ground, services, parts=parts, door=door)
            stopping = _stop_signal()
            try:
                await application.start()
                log.info("ready", services=list(services), url=application.http.url, smtp=application.smtp)
                mail = f", mail at {application.smtp}" if application.smtp else ""
                if parts.hubs and parts.unserved.keys() == parts.hubs.keys() and "dispatcher" in services:
                    say("no hub can be served: complaints are kept and wait; `muara check` says what is missing")
                if ground.behind:
                    say(f"the database does not answer: {', '.join(ground.behind)} begin as soon as it does (/readyz)")
                say(f"{', '.join(services)} at {application.http.url} (/readyz, /metrics){mail}. Ctrl-C stops.")
                say(f"metrics at {application.http.url}/metrics; boards and alerts for them: deploy/, docs/metrics.md")
                await stopping.wait()
                log.info("stopping")
            finally:
                await application.stop()
                sum_up()


async def _warn(ground: Ground, services: tuple[str, ...]) -> None:
    """What an operator should know although it keeps nothing from starting."""
    config = ground.config
    for words in missing_variables(config, services):
        log.warning("secret_missing", what=words, remedy="set it and start again; nothing else is affected")
    if (
        config.bus is None
        and "normalizer" in services
        and (made := len(await ground.bus.ends(RAW.name))) != config.partitions
    ):
        log.warning("partitions_fixed", log=made, configured=config.partitions, remedy=f"write {made} into muara.yaml")


async def _sandbox(data: Path, token: str, admin_token: str, host: str, port: int) -> None:
    hub = HubSimulation(data, token=token, admin_token=admin_token, host=host, port=port, advance_every=5.0)
    stopping = _stop_signal()
    async with hub:
        say(f"simulated hub at {hub.url} (API: /api/v1, its own page: /docs). Ctrl-C stops.")
        await stopping.wait()


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    return stopping


@contextmanager
def _alone(home: Home, services: tuple[str, ...]) -> Iterator[None]:
    """Hold each service's lock: in the embedded size a home is served by one process. It ends with the process."""
    home.data.mkdir(parents=True, exist_ok=True)
    files = []
    try:
        for service in services:
            file = (home.data / f"{service}.lock").open("a+", encoding="ascii")
            files.append(file)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                holder = file.read().strip() or "?"
                fail(f"the {service} of {home.folder} is running already, as process {holder}: stop that one first")
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
        yield
    finally:
        for file in files:
            file.close()
