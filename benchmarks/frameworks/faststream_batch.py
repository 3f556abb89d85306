"""FastStream in batches."""

import asyncio
import logging

import asyncpg  # type: ignore[import-untyped]
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from benchmarks.frameworks.reports import (
    DATABASE,
    GROUP,
    INSERT_MANY,
    KAFKA,
    TABLE,
    TOPIC_IN,
    TOPIC_OUT,
    Complaint,
    Webhook,
)

broker = KafkaBroker(KAFKA, acks="all", max_batch_size=2**20, log_level=logging.DEBUG)
app = FastStream(broker)
pools: list[asyncpg.Pool] = []


@app.on_startup
async def connect() -> None:
    """Open the database."""
    pools.append(await asyncpg.create_pool(DATABASE, min_size=1, max_size=4))
    await pools[0].execute(TABLE)


@broker.subscriber(
    TOPIC_IN,
    batch=True,
    max_records=500,
    group_id=GROUP,
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
)
async def take(webhooks: list[Webhook]) -> None:
    """Keep what is new with one statement, and publish it as one batch."""
    rows = {row[0]: row for webhook in webhooks for row in webhook.rows()}
    columns = [list(column) for column in zip(*rows.values(), strict=True)]
    if columns and (new := await pools[0].fetch(INSERT_MANY, *columns)):
        await broker.publish_batch(*(Complaint.of(rows[each["id"]]) for each in new), topic=TOPIC_OUT)


if __name__ == "__main__":
    asyncio.run(app.run())
