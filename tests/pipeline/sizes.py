"""The two sizes that a deployment can have: every behaviour test of the pipeline runs on both.

Only settings differ: `bus` and `store` of `muara.yaml`. Each town of the large size has topics and a database of its
own, on servers that all tests share.
"""

import uuid
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text

from muara.ground import SERVICES, Ground
from normalizer.tables import inbox
from runtime.bus.protocol import Gap, Partition, Received
from runtime.store.engine import Store
from schemas.topics import TOPICS
from tests.stores import Templates, beside, drop_databases, everything_in

NAMES = ("embedded", "kafka")


@dataclass(frozen=True)
class Size:
    """One of the two, and what it stands on."""

    name: str
    templates: Templates
    kafka: str = ""
    postgres: str = ""

    async def settings(self, stack: AsyncExitStack) -> dict[str, str]:
        """What `muara.yaml` says of the size. The database goes with the stack."""
        if self.name == "embedded":
            return {}
        store = await self.templates.new_database(self.postgres, {each.SERVICE: each.VERSIONS for each in SERVICES})
        stack.push_async_callback(drop_databases, self.postgres, [store])
        return {"bus": f"{self.kafka}/test-{uuid.uuid4().hex[:12]}.?replication=1", "store": store}


@asynccontextmanager
async def locked(store: Store) -> AsyncIterator[None]:
    """Somebody else is at the tables of a store: who reads may go on, who writes waits."""
    other = beside(store)
    try:
        async with other.writing() as connection:
            if store.dialect == "postgresql":  # SQLite's writing transaction is that already
                await connection.execute(text(f"LOCK TABLE {inbox.name} IN EXCLUSIVE MODE"))
            yield
    finally:
        await other.close()


async def kept_by(ground: Ground) -> dict[str, bytes]:
    """Every byte that a running deployment keeps, by where it is: files of the home, and what its servers hold."""
    data = ground.home.data
    found = {str(path.relative_to(data)): path.read_bytes() for path in data.rglob("*") if path.is_file()}
    if ground.config.store is not None:
        found["the database"] = await everything_in(ground.store)
    if ground.config.bus is not None:
        found["the log"] = await _everything_on(ground)
    return found


async def _everything_on(ground: Ground) -> bytes:
    """All records of a log. Kafka's own files would be compressed."""

    async def nowhere(asked: Collection[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(asked, 0)

    async def lost(gap: Gap) -> None:
        raise AssertionError(gap)

    topics = [topic.name for topic in TOPICS]
    wanted = sum([sum((await ground.bus.ends(topic)).values()) for topic in topics])
    consumer = await ground.bus.subscribe(f"reader-{uuid.uuid4().hex}", topics, nowhere, lost)
    records: list[Received] = []
    while len(records) < wanted:
        records += [each for batch in (await consumer.poll(500, 5)).values() for each in batch]
    await consumer.close()
    return b"\n".join(f"{each.key} {dict(each.headers)} ".encode() + each.value for each in records)
