"""A transport as another package brings it: a letter box, a folder with one JSON file for each message."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from connectors.acceptance import NOT_NOW
from connectors.serving import Rounds
from connectors.source import Source
from connectors.transports import Served, Surroundings
from recipes.inbound import Inbound
from runtime.store.engine import StoreUnavailable


class LetterBox:
    """Takes letters in the order of their names; a letter is removed when the log has it."""

    def __init__(self, source: Source, around: Surroundings) -> None:
        self._source = source
        self._around = around
        self._folder = Path(source.options["box"])
        trouble = (*NOT_NOW, StoreUnavailable, OSError)
        self._rounds = Rounds(
            source, around.acceptance.metrics, self.round, noun="letter box", trouble=trouble, room="kotak"
        )

    @property
    def source(self) -> Source:
        """Whose box it is."""
        return self._source

    @property
    def problem(self) -> str | None:
        """Why it is not emptied at the moment."""
        return self._rounds.problem

    async def run(self, stopping: asyncio.Event) -> None:
        """Empty it every second."""
        await self._rounds.run(1.0, stopping)

    async def round(self) -> int | None:
        """Empty it once; None: another process does, or it is paused."""
        lease = await self._around.leases.hold(self._source.id)
        if lease is None:
            return None
        letters = sorted(self._folder.glob("*.json"))
        for letter in letters:
            items = await self._source.split(Inbound(letter.read_bytes(), "application/json"))
            lease.check()
            await self._around.acceptance.accept(self._source, items)
            letter.unlink()
        return len(letters)


class _Transport:
    channels: Path | None = Path(__file__).parent / "channels"

    def faults(self, source: Source) -> Sequence[str]:
        """Without a folder there is nothing to empty."""
        return (
            [] if source.options.get("box") else [f'source "{source.id}": name the folder under `settings: {{box: …}}`']
        )

    def serve(self, source: Source, surroundings: Surroundings) -> Served:
        """A box."""
        return LetterBox(source, surroundings)


TRANSPORT = _Transport()
