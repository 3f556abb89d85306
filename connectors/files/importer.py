"""Imports one file. Stopped at any moment and begun again, it makes no doubles."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

from connectors.acceptance import NOT_NOW, Acceptance, Accepted
from connectors.files.columns import words_of
from connectors.files.lines import UnreadableFile
from connectors.files.naming import RowNames
from connectors.files.row import Row
from connectors.files.rows import read_rows
from connectors.source import Source
from recipes.inbound import Inbound, Item

BATCH = 500
"""Rows that become durable together."""
_BATCH_BYTES = 8 * 1024 * 1024
_JSON = "application/json"


class ImportStopped(Exception):
    """The log does not take more. What was taken stays; the same import, begun again, goes on without doubles."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come."""

    bytes_read: int
    bytes_total: int
    rows: int
    """Rows that are durable."""
    defects: int
    """Of them, those that could not be read."""
    receipts: int = 0
    """Rows that the recipe takes for news, not messages."""


@dataclass(frozen=True, slots=True)
class _Placed:
    item: Item
    line: int
    ordinal: int


async def import_file(
    path: Path,
    source: Source,
    acceptance: Acceptance,
    *,
    historical: bool = False,
    progress: Callable[[Progress], None] | None = None,
    patience: float = 30.0,
    guard: Callable[[], None] = lambda: None,
) -> Progress:
    """Accept every row of a file, in batches, each durable before the next is read.

    `patience` is how many seconds one batch waits for a log that does not answer. `guard` is called before anything is
    accepted; what it raises ends the import.

    Raises:
        UnreadableFile: it is no file of this kind, or cannot be opened.
        ImportStopped: the log stayed away.
    """
    reader = await asyncio.to_thread(_Reader, path, source)
    done = Progress(0, reader.size, 0, 0)
    try:
        while placed := await asyncio.to_thread(reader.batch):
            accepted = await _accept(
                acceptance, source, path, placed, historical=historical, patience=patience, guard=guard
            )
            done = Progress(
                reader.position,
                reader.size,
                done.rows + accepted.messages,
                done.defects + accepted.defects,
                done.receipts + accepted.receipts,
            )
            if progress:
                progress(done)
    except NOT_NOW as error:
        raise ImportStopped(
            f"{path.name}: stopped after {done.rows} rows: {error}."
            " Begin the same import again later; it makes no doubles"
        ) from error
    finally:
        reader.close()
    return done


async def _accept(
    acceptance: Acceptance,
    source: Source,
    path: Path,
    placed: Sequence[_Placed],
    *,
    historical: bool,
    patience: float,
    guard: Callable[[], None],
) -> Accepted:
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(NOT_NOW),
        stop=stop_after_delay(patience),
        wait=wait_exponential(0.1, max=5),
        reraise=True,
    ):
        with attempt:
            guard()
            return await acceptance.accept(
                source,
                [p.item for p in placed],
                historical=historical,
                provenance=[f"{path.name}:{p.line}" for p in placed],
                ordinals=[p.ordinal for p in placed],
            )
    raise AssertionError("tenacity either returns or raises")


class _Reader:
    """The rows of a file as items, a batch at a time; its methods block and run in a thread."""

    def __init__(self, path: Path, source: Source) -> None:
        self._source = source
        self._names = RowNames()
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise UnreadableFile(f"the file cannot be opened: {error.strerror or error}") from error
        self.size = path.stat().st_size
        self.position = 0
        """Bytes read."""
        try:
            self._rows = read_rows(path, self._file, source.options, words_of(source.channel))
        except UnreadableFile:
            self._file.close()
            raise

    def batch(self) -> list[_Placed]:
        """The next rows; empty at the end."""
        placed: list[_Placed] = []
        size = 0
        for row in self._rows:
            placed += self._placed(row)
            size += len(row.payload)
            if len(placed) >= BATCH or size >= _BATCH_BYTES:
                break
        self.position = self._file.tell()
        return placed

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _placed(self, row: Row) -> Iterator[_Placed]:
        if row.defect:
            items = [Item(row.payload, "text/plain", defect=row.defect)]
        else:
            items = self._source.channel.split(Inbound(row.payload, _JSON), zone=self._source.zone)
        for item in items:
            named, ordinal = self._names.place(item)
            yield _Placed(named, row.line, ordinal)
