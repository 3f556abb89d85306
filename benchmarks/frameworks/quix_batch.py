"""Quix Streams in batches: repeats are known from its own state, rows go into the database by a batching sink."""

import asyncio
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from quixstreams import Application, State
from quixstreams.sinks import BatchingSink, SinkBatch

from benchmarks.frameworks.reports import (
    DATABASE,
    GROUP,
    INSERT_MANY,
    KAFKA,
    STATE,
    TABLE,
    TOPIC_IN,
    TOPIC_OUT,
    Complaint,
    Webhook,
)


class Reports(BatchingSink):
    """Writes what came since the last checkpoint with one statement."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.new_event_loop()
        self._connection: Any = None

    def setup(self) -> None:
        """Connect."""
        self._connection = self._loop.run_until_complete(asyncpg.connect(DATABASE))
        self._loop.run_until_complete(self._connection.execute(TABLE))

    def write(self, batch: SinkBatch) -> None:
        """A batch of one partition."""
        rows = [item.value["row"] for item in batch]
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._loop.run_until_complete(self._connection.fetch(INSERT_MANY, *columns))


def _rows(value: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"row": row} for row in Webhook.model_validate(value).rows()]


def _is_new(value: dict[str, Any], state: State) -> bool:
    """The messages of one sender are together in one partition, and in one state."""
    known = state.exists(value["row"][0])
    if not known:
        state.set(value["row"][0], 1)
    return not known


def main() -> None:
    """Run until stopped."""
    app = Application(
        broker_address=KAFKA, consumer_group=GROUP, auto_offset_reset="earliest", state_dir=STATE, loglevel="ERROR",
        commit_every=500, commit_interval=1.0,
    )  # fmt: skip
    frame = app.dataframe(app.topic(TOPIC_IN, value_deserializer="json", key_deserializer="str"))
    frame = frame.apply(_rows, expand=True)
    frame = frame.filter(_is_new, stateful=True)
    published = frame.apply(lambda value: Complaint.of(value["row"]).model_dump())
    published.to_topic(app.topic(TOPIC_OUT, value_serializer="json", key_serializer="str"))
    frame.sink(Reports())
    app.run()


if __name__ == "__main__":
    main()
