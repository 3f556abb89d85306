"""`python -m tests.chaos`: what `make chaos` runs. Exit code 1 when something was lost, doubled, stuck or wrong."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.chaos import alarm_run, faults
from tests.chaos.embedded import play_embedded
from tests.chaos.outcome import Outcome
from tests.chaos.rounds import Run, Tell
from tests.chaos.scenarios import outage, play
from tests.chaos.scene import Scene
from tests.chaos.servers import Servers
from tools.services.missing import PartMissing


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, show, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="how many (default: 50)")
    parser.add_argument("--seed", type=int, default=1, help="draws the faults and the traffic (default: 1)")
    parser.add_argument("--size", choices=("kafka", "embedded"), default="kafka", help="which Muara (default: kafka)")
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=3, help="of Kafka (default: 3)")
    parser.add_argument("--only", action="append", default=[], metavar="FAULT", help="only these; or how they begin")
    parser.add_argument("--no-keys", action="store_true", help="a hub that does not know a request again by its key")
    parser.add_argument("--outage", type=float, metavar="SECONDS", help="instead: all brokers dead for so long")
    parser.add_argument("--alerts", action="store_true", help="instead: each fault that is to raise an alert, in turn")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="an empty or new folder that is left to look into")
    chosen = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120)
    try:
        if chosen.alerts:
            return _alerts(chosen, console)
        faults.chosen(chosen.only)
        with _folder(chosen.keep) as folder, _telling(console, chosen.rounds) as tell:
            outcome = asyncio.run(_play(chosen, folder, tell))
    except PartMissing as missing:
        console.print(f"chaos cannot be played here: {missing}", markup=False)
        return 1
    except ValueError as error:
        console.print(str(error), markup=False)
        return 2
    console.print(outcome.table())
    for words in outcome.remarks():
        console.print(words, markup=False, highlight=False)
    console.print(outcome.line(), markup=False, highlight=False)
    return 0 if outcome.well else 1


def _alerts(chosen: argparse.Namespace, console: Console) -> int:
    names = alarm_run.chosen(chosen.size, chosen.only)
    with _folder(chosen.keep) as folder, _telling(console, len(names)) as tell:
        found = asyncio.run(alarm_run.play_alarms(folder, chosen.size, chosen.only, tell))
    console.print(alarm_run.table(found))
    console.print(alarm_run.line(found), markup=False, highlight=False)
    return 0 if all(each.well for each in found) else 1


async def _play(chosen: argparse.Namespace, folder: Path, tell: Tell) -> Outcome:
    if chosen.size == "embedded":
        return await play_embedded(folder, rounds=chosen.rounds, seed=chosen.seed, tell=tell)
    tell(0, f"{chosen.brokers} broker(s) and PostgreSQL start")
    servers = await asyncio.to_thread(Servers.make, folder, brokers=chosen.brokers)
    try:
        async with Scene(folder, servers, seed=chosen.seed, idempotent=not chosen.no_keys) as scene:
            if chosen.outage is not None:
                step = outage(chosen.outage)
                return await play(scene, step, seed=chosen.seed, lasts=chosen.outage + 10, tell=tell)
            return await Run(scene, chosen.rounds, chosen.seed, chosen.only, tell).play()
    finally:
        await asyncio.to_thread(servers.stop)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise ValueError(f"{keep} is not empty: name another folder for --keep")
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="muara-chaos-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@contextmanager
def _telling(console: Console, rounds: int) -> Iterator[Tell]:
    """A bar on a terminal, a line for each round elsewhere."""
    if not console.is_terminal:

        def tell(number: int, words: str) -> None:
            where = f"round {number}/{rounds}: " if number else ""
            console.print(f"{where}{words}", markup=False, highlight=False)

        yield tell
        return
    columns = (
        TextColumn("{task.completed}/{task.total}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("begins", total=rounds)
        yield lambda number, words: progress.update(task, completed=max(number - 1, 0), description=words)


if __name__ == "__main__":
    sys.exit(main())
