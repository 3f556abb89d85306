"""The log as one SQLite file, for one machine. Survives `kill -9` and power loss: WAL with `synchronous=FULL`.

Publishers of one moment share one transaction (group commit), so that each pays a fraction of the disk's flush. Other
processes may publish into the same file; consumers find their records by looking again.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from runtime.bus.embedded_consumer import EmbeddedConsumer
from runtime.bus.log_file import LogFile, Row, encode
from runtime.bus.protocol import BusUnavailable, LogReplaced, OnGap, Partition, Positions, Received, Record

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_Waiting = tuple[Sequence[Row], asyncio.Future[None]]

_PATIENCE = 5.0
"""Seconds of waiting for another process that writes: a sender should hear of it while it still listens."""


class _Line:
    """One connection to the file with a thread of its own. A transaction is one call: cancelling tears none apart."""

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedded-log")
        self._closed = False

    async def run(
        self, function: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Result:
        if self._closed:
            raise BusUnavailable("the log is closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(function, *args, **kwargs))

    async def close(self) -> None:
        await self.run(self.file.close)
        self._closed = True
        self._thread.shutdown(wait=False)


class EmbeddedBus:
    """The `Bus` protocol on one file. Make it with `open`."""

    def __init__(self, writer: LogFile, reader: LogFile, partitions: Mapping[str, int]) -> None:
        self._writer = _Line(writer)
        self._reader = _Line(reader)
        self._partitions = partitions
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._published = asyncio.Event()
        self._refusal: str | None = None
        self._closing = False
        self._task = asyncio.create_task(self._write_forever(), name="embedded-log-writer")

    @classmethod
    async def open(
        cls, path: Path, topics: Sequence[str], *, partitions: int = 1, patience: float = _PATIENCE
    ) -> "EmbeddedBus":
        """Open or make the log. `partitions` counts for topics that do not exist yet.

        Raises:
            BusUnavailable: the file cannot be used; says why and what to do.
            LogReplaced: the file was here before and is gone, or is another one.
        """
        return cls(*await asyncio.to_thread(_open, path, topics, partitions, patience))

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append records, together with whatever others publish at this moment."""
        if self._closing:
            raise BusUnavailable("the log is closed")
        if self._refusal is not None:
            raise LogReplaced(self._refusal)
        # Here, so that a record that cannot be written hurts nobody but its publisher.
        rows = [encode(topic, record, self._partitions) for record in records]
        if not rows:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, done))
        self._wake.set()
        await done

    async def subscribe(
        self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap
    ) -> EmbeddedConsumer:
        """One consumer reads all partitions: on one machine there is nobody to share them with."""
        del group  # positions are the consumer's own; the file keeps none
        consumer = EmbeddedConsumer(self, topics, positions, on_gap)
        await consumer.rewind()
        return consumer

    async def starts(self, topic: str) -> dict[Partition, int]:
        """The first offset kept, of each partition."""
        return {partition: start for partition, (start, _) in (await self.bounds(topic)).items()}

    async def ends(self, topic: str) -> dict[Partition, int]:
        """The next offset, of each partition."""
        return {partition: end for partition, (_, end) in (await self.bounds(topic)).items()}

    async def bounds(self, topic: str) -> dict[Partition, tuple[int, int]]:
        """Start and end of each partition, of one moment."""
        return await self._reader.run(self._reader.file.bounds, topic)

    async def published_at(self, places: Mapping[Partition, int]) -> dict[Partition, float]:
        """When the records at these offsets were published, in seconds since the epoch; unknown ones are left out."""
        found = {partition: await self.fetch(partition, offset, 1) for partition, offset in places.items()}
        return {partition: records[0].published_at for partition, records in found.items() if records}

    async def faults(self) -> list[str]:
        """Holds the records against the bounds of their partitions, and the partitions against their number."""
        return await self._reader.run(self._reader.file.faults)

    async def prune(self, topic: str, before: float, floors: Mapping[Partition, int]) -> int:
        """Forget records published before a moment and below every consumer's position. Returns how many.

        Only partitions with a floor are pruned. Publishers come in between.
        """
        gone = 0
        for partition, floor in floors.items():
            if partition.topic == topic:
                while some := await self._writer.run(self._writer.file.forget, partition, before, floor):
                    gone += some
        return gone

    async def close(self) -> None:
        """Write what was handed in, then close the file. Closing twice is closing once."""
        if self._closing:
            return
        self._closing = True
        self._wake.set()
        await self._task
        await self._writer.close()
        await self._reader.close()

    async def fetch(self, partition: Partition, offset: int, limit: int) -> list[Received]:
        """Records of one partition from an offset on: at most `limit`, and fewer when they are large."""
        return await self._reader.run(self._reader.file.fetch, partition, offset, limit)

    def refuse(self, words: str) -> None:
        """Take no more records: what is in the file will have to give way to the right one."""
        self._refusal = words

    @property
    def news(self) -> asyncio.Event:
        """Set at the next publication of this process. Look for records after asking for it, or one may be missed."""
        return self._published

    async def _write_forever(self) -> None:
        while self._waiting or not self._closing:
            await self._wake.wait()
            if not self._closing:
                self._wake.clear()
            group, self._waiting = self._waiting, []
            if group:
                await self._write(group)

    async def _write(self, group: Sequence[_Waiting]) -> None:
        try:
            await self._writer.run(self._writer.file.append, [row for rows, _ in group for row in rows])
        except Exception as error:  # noqa: BLE001 each publisher is told; a writer that ended would hang them all
            failure = error if isinstance(error, BusUnavailable) else BusUnavailable(f"the log: {error!r}")
            for _, done in group:
                if not done.done():
                    done.set_exception(failure)
            return
        for _, done in group:
            if not done.done():
                done.set_result(None)
        self._published.set()
        self._published = asyncio.Event()


def _open(
    path: Path, topics: Sequence[str], partitions: int, patience: float
) -> tuple[LogFile, LogFile, dict[str, int]]:
    writer = LogFile(path, patience=patience)
    try:
        counts = writer.make_topics(topics, partitions)
        return writer, LogFile(path, patience=patience), counts
    except BaseException:
        writer.close()
        raise
