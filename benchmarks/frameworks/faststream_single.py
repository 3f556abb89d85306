"""FastStream, message by message; acknowledged after the work, since its default may lose."""

import asyncio
import logging

import asyncpg  # type: ignore[import-untyped]
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from benchmarks.frameworks.reports import DATABASE, GROUP, INSERT, KAFKA, TABLE, TOPIC_IN, TOPIC_OUT, Complaint, Webhook

broker = KafkaBroker(KAFKA, acks="all", log_level=logging.DEBUG)
app = FastStream(broker)
complaints = broker.publisher(TOPIC_OUT)
pools: list[asyncpg.Pool] = []


@app.on_startup
async def connect() -> None:
    """Open the database."""
    pools.append(await asyncpg.create_pool(DATABASE, min_size=1, max_size=4))
    await pools[0].execute(TABLE)


@broker.subscriber(TOPIC_IN, group_id=GROUP, auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR)
async def take(webhook: Webhook) -> None:
    """Keep what is new, and publish it."""
    for row in webhook.rows():
        if await pools[0].fetchval(INSERT, *row) is not None:
            await complaints.publish(Complaint.of(row))


if __name__ == "__main__":
    asyncio.run(app.run())
