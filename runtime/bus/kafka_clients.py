"""Starting clients of aiokafka and getting rid of them, without leaving connections behind."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiokafka.errors import KafkaError, ProducerClosed  # type: ignore[import-untyped]

_PATIENCE = 10.0
"""Seconds that a start which nobody waits for any more may take to end by itself."""

_Stop = Callable[[Any], Awaitable[None]]


class Clients:
    """Whoever starts clients for one log shares this, and closes it last."""

    def __init__(self) -> None:
        self._leaving: set[asyncio.Task[None]] = set()

    async def start(self, client: Any, stop: _Stop, seconds: float) -> None:  # noqa: ANN401 untyped
        """Start a client; when that fails or takes too long, it is stopped behind our back.

        A start that were cancelled would leave its first connection open, so it may end by itself.

        Raises:
            KafkaError: no broker took us.
            TimeoutError: none did in time.
        """
        starting = asyncio.create_task(client.start())
        try:
            async with asyncio.timeout(seconds):
                await asyncio.shield(starting)
        except BaseException:
            self.leave(_after(starting, client, stop))
            raise

    def leave(self, stopping: Coroutine[Any, Any, None]) -> None:
        """Let a client be stopped in the background."""
        task = asyncio.create_task(stopping)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Wait for those that are being stopped."""
        if self._leaving:
            await asyncio.wait(self._leaving)


async def stop_producer(producer: Any) -> None:  # noqa: ANN401 untyped
    """Close a producer without waiting for what it could not deliver: `stop` alone waits for that, maybe for ever."""
    producer._message_accumulator.fail_all(ProducerClosed())  # noqa: SLF001 there is no public way
    # The sender is left to `stop`: cancelled twice, it would take `stop` along before the connections are closed.
    try:
        await _bounded(producer.stop)
    finally:
        await producer.client.close()


async def stop_consumer(consumer: Any) -> None:  # noqa: ANN401 untyped
    """Leave the group, unless nobody is there to hear it."""
    if not await _bounded(consumer.stop):
        # It waits for an answer that does not come. What it had not come to would go on connecting for ever.
        coordinator, fetcher = consumer._coordinator, consumer._fetcher  # noqa: SLF001 there is no public way
        for part in ("_stop_heartbeat_task", "_stop_commit_offsets_refresh_task"):
            if hasattr(coordinator, part):  # a reader without a group has neither
                await _bounded(getattr(coordinator, part))
        if fetcher is not None:
            await _bounded(fetcher.close)
    await consumer._client.close()  # noqa: SLF001


async def stop_admin(admin: Any) -> None:  # noqa: ANN401 untyped
    """Close an admin client."""
    await _bounded(admin.close)


async def _after(starting: "asyncio.Task[None]", client: Any, stop: _Stop) -> None:  # noqa: ANN401 untyped
    # Connecting ends by itself; asking for a producer's id may go on for ever.
    await asyncio.wait({starting}, timeout=_PATIENCE)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await stop(client)


async def _bounded(stop: Callable[[], Awaitable[None]]) -> bool:
    """Whether it came to its end in time."""
    try:
        async with asyncio.timeout(3):
            await stop()
    except (KafkaError, OSError):  # among them TimeoutError
        return False
    return True
