"""Quix Streams, message by message: each is looked up and kept in the database as it passes."""

import asyncio
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from quixstreams import Application

from benchmarks.frameworks.reports import (
    DATABASE,
    GROUP,
    INSERT,
    KAFKA,
    STATE,
    TABLE,
    TOPIC_IN,
    TOPIC_OUT,
    Complaint,
    Webhook,
)


def main() -> None:
    """Run until stopped."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(DATABASE))
    loop.run_until_complete(connection.execute(TABLE))

    def keep(value: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            Complaint.of(row).model_dump()
            for row in Webhook.model_validate(value).rows()
            if loop.run_until_complete(connection.fetchval(INSERT, *row)) is not None
        ]

    app = Application(
        broker_address=KAFKA, consumer_group=GROUP, auto_offset_reset="earliest", state_dir=STATE, loglevel="ERROR",
        auto_create_topics=False, use_changelog_topics=False,
    )  # fmt: skip
    frame = app.dataframe(app.topic(TOPIC_IN, value_deserializer="json", key_deserializer="str"))
    frame = frame.apply(keep, expand=True)
    frame.to_topic(app.topic(TOPIC_OUT, value_serializer="json", key_serializer="str"))
    app.run()


if __name__ == "__main__":
    main()
