"""`python -m tools.services start|stop|status|run`: what `make services`, `services-stop` and `demo SIZE=kafka` run."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit

from tools.services.kafka import KafkaCluster
from tools.services.missing import PartMissing
from tools.services.places import ROOT
from tools.services.postgres import PostgresServer
from tools.services.state import State


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked. Exit code 1 when a service could not be had."""
    parser = argparse.ArgumentParser(prog="python -m tools.services", description=__doc__)
    parser.add_argument("action", choices=("start", "stop", "status", "run"))
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1, help="brokers of a new Kafka (default: 1)")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="run: what needs the servers")
    chosen = parser.parse_args(arguments)
    state = State()
    if chosen.action == "start":
        return start(state, brokers=chosen.brokers)
    if chosen.action == "run":
        return run(state, chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command)
    if chosen.action == "stop":
        stop(state)
        return 0
    show(state)
    return 0


def start(state: State, *, brokers: int = 1) -> int:
    """Start both, each with the data it had before; what cannot be had is named last."""
    missing: list[PartMissing] = []
    for step in (_start_kafka, _start_postgres):
        try:
            step(state, brokers)
        except PartMissing as error:
            missing.append(error)
        state.save()
    show(state)
    for part in missing:
        _say(f"missing: {part}")
    return 1 if missing else 0


def run(state: State, command: Sequence[str]) -> int:
    """Run a command with both servers, named by MUARA_BUS, MUARA_STORE and PGPASSWORD unless these are set already.

    Servers that were not running are stopped again. Returns the command's exit code.
    """
    if os.environ.get("MUARA_BUS") and os.environ.get("MUARA_STORE"):
        return _wait_for(command, os.environ)
    ran = [part for part in (state.kafka, state.postgres) if part is not None and part.running]
    try:
        return 1 if start(state) else _wait_for(command, os.environ | environment(state))
    finally:
        for part in (state.kafka, state.postgres):
            if part is not None and part not in ran:
                part.stop()
        state.save()


def _wait_for(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Whoever ends us ends the command first: it has processes of its own to stop."""
    with subprocess.Popen(command, env=variables) as child:  # noqa: S603 whoever runs this names the command
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        return child.wait()


def environment(state: State) -> dict[str, str]:
    """Where the running servers are, as Muara reads it."""
    assert state.kafka is not None and state.postgres is not None  # noqa: PT018, S101 both were started
    store = urlsplit(state.postgres.url)
    return {
        "MUARA_BUS": f"kafka://{state.kafka.bootstrap}/?replication={min(3, len(state.kafka.nodes))}",
        "MUARA_STORE": f"postgresql+asyncpg://{store.username}@{store.hostname}:{store.port}{store.path}",
        "PGPASSWORD": unquote(store.password or ""),
    }


def stop(state: State) -> None:
    """Stop both, by their own pids; the data stays."""
    for part in (state.kafka, state.postgres):
        if part is not None:
            part.stop()
    state.save()
    show(state)


def show(state: State) -> None:
    """Print where they are."""
    if state.kafka is not None and state.kafka.running:
        secure = state.kafka.secure
        _say(f"Kafka       kafka://{state.kafka.bootstrap}   ({len(state.kafka.nodes)} broker(s))")
        _say(f"            kafka+tls://{secure.user}:{secure.password}@{secure.bootstrap}/?ca={secure.ca_file}")
    else:
        _say("Kafka       stopped")
    if state.postgres is not None and state.postgres.running:
        _say(f"PostgreSQL  {state.postgres.url}")
    else:
        _say("PostgreSQL  stopped")
    _say(f"Data and logs: {state.home.relative_to(ROOT) if state.home.is_relative_to(ROOT) else state.home}")


def _start_kafka(state: State, brokers: int) -> None:
    if state.kafka is None:
        state.kafka = KafkaCluster.make(state.home / "kafka", brokers=brokers)
    elif len(state.kafka.nodes) != brokers:
        _say(f"Kafka keeps its {len(state.kafka.nodes)} broker(s); for {brokers}: stop it and remove {state.home}")
    state.kafka.start()


def _start_postgres(state: State, brokers: int) -> None:
    del brokers
    if state.postgres is None:
        state.postgres = PostgresServer.make(state.home / "postgres")
    state.postgres.start()


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


if __name__ == "__main__":
    sys.exit(main())
