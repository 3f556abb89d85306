"""How long `muara trace` looks, among as many messages as are asked for: `python -m benchmarks.stories 1000000`.

The tables are filled by the database itself with messages that nobody wrote, each with a complaint, a redelivery, an
entry in the feed, a route and a delivery; then the stories of some are told. With a PostgreSQL server that MUARA_STORE
names it is measured there too, in a database of its own.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

import dispatcher.story
import normalizer.story
import portal.story
from benchmarks.own_database import own_database, server
from muara.ground import SERVICES
from runtime.store.engine import Store
from runtime.store.migrate import migrate

_TOLD = 50
_IDENT = {
    "sqlite": "printf('%08x-0000-4000-8000-%012x', (n * 2654435761) % 4294967296, n)",
    "postgresql": (
        "lpad(to_hex((n * 2654435761) % 4294967296), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(n), 12, '0')"
    ),
}
_NO = {"sqlite": "0", "postgresql": "false"}
_TABLES = {
    "normalizer_messages": {
        "message_id": "{id}", "state": "'complaint'", "attempt": "0", "requested_attempt": "0", "complaint_id": "{id}",
        "agency": "'kota'", "channel": "'whatsapp_cloud'", "source": "'wa'", "received_at": "n", "raw": "{none}",
    },
    "normalizer_complaints": {
        "complaint_id": "{id}", "message_id": "{id}", "state": "'settled'", "version": "1", "revision": "2",
        "agency": "'kota'", "channel": "'whatsapp_cloud'", "source": "'wa'", "conversation": "'c' || n",
        "gathering_since": "n", "first_sent_at": "n", "last_sent_at": "n", "parts": "'sealed'", "unclear": "{no}",
        "rahasia": "{no}",
    },
    "normalizer_redeliveries": {"partition": "0", '"offset"': "n", "message_id": "{id}"},
    "normalizer_statuses": {
        "partition": "0", '"offset"': "n", "event_id": "{id}", "complaint_id": "{id}", "hub": "'sp4n'",
        "kind": "'receipt'", "at": "n", "applied": "{no}",
    },
    "portal_feed": {"seq": "n", "complaint_id": "{id}", "revision": "1", "appeared_at": "n"},
    "dispatcher_routes": {"complaint_id": "{id}", "hub": "'sp4n'", "updates": "0", "routed_at": "n"},
    "dispatcher_deliveries": {
        "delivery_id": "{id}", "subject_id": "{id}", "destination": "'sp4n'", "kind": "'create'", "sequence": "1",
        "state": "'delivered'", "attempts": "1", "doubt": "{no}", "next_at": "n", "receipt": "'SP4N-' || n",
        "created_at": "n", "finished_at": "n",
    },
}  # fmt: skip


async def fill(store: Store, count: int) -> None:
    """As many rows in each table."""
    for service in SERVICES:
        await migrate(store, service.SERVICE, service.VERSIONS)
    words = {"id": _IDENT[store.dialect], "no": _NO[store.dialect], "none": "'x'"}
    if store.dialect == "postgresql":
        words["none"] = "'x'::bytea"
    for table, columns in _TABLES.items():
        values = ", ".join(value.format(**words) for value in columns.values())
        for first in range(1, count + 1, 100_000):
            last = min(first + 99_999, count)
            async with store.writing() as connection:
                await connection.execute(
                    text(
                        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608 our own words
                        f"WITH RECURSIVE s(n) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT n + 1 FROM s"
                        f" WHERE n < {last}) SELECT {values} FROM s"
                    )
                )
        print(f"  {table}: {count}", flush=True)
    async with store.writing() as connection:
        await connection.execute(text("ANALYZE"))


async def tell(store: Store, subject: UUID) -> None:
    """What `muara trace` asks the tables."""
    traced = await normalizer.story.trace(store, subject)
    if traced is None:
        raise LookupError(f"{subject} was not filled in")
    await portal.story.trace(store, traced.complaints)
    await dispatcher.story.trace(store, traced.complaints)


async def measure(name: str, work: Callable[[int], Awaitable[object]], count: int) -> None:
    """Say how long some take."""
    took = []
    for _ in range(_TOLD):
        number = random.randint(1, count)
        began = time.perf_counter()
        await work(number)
        took.append(time.perf_counter() - began)
    print(f"  {name}: median {statistics.median(took) * 1000:.1f} ms, longest {max(took) * 1000:.1f} ms", flush=True)


def ident(number: int) -> UUID:
    """As the database makes it."""
    return UUID(f"{number * 2654435761 % 4294967296:08x}-0000-4000-8000-{number:012x}")


async def main(count: int) -> None:
    """Fill and measure each database that is to be had."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        urls = [f"sqlite+aiosqlite:///{Path(folder) / 'store.db'}"]
        if (address := server()) is not None:
            urls.append(await stack.enter_async_context(own_database(address)))
        for url in urls:
            store = Store(url)
            print(f"{store.dialect}, {count} messages", flush=True)
            await fill(store, count)

            async def begun(number: int, store: Store = store) -> object:
                low = UUID(f"{str(ident(number))[:8]}-{'0' * 4}-{'0' * 4}-{'0' * 4}-{'0' * 12}")
                high = UUID(f"{str(ident(number))[:8]}-{'f' * 4}-{'f' * 4}-{'f' * 4}-{'f' * 12}")
                return await normalizer.story.beginning_with(store, low, high, most=10)

            await measure("a story", lambda number, store=store: tell(store, ident(number)), count)  # type: ignore[misc]  # store is bound
            await measure("the beginning of an id", begun, count)
            await measure(
                "a number of a hub",
                lambda number, store=store: dispatcher.story.of_number(store, f"SP4N-{number}"),  # type: ignore[misc]  # store is bound
                count,
            )
            await store.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
