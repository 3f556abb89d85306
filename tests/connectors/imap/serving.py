"""Pollers that run, and waiting for what they do."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Self

from connectors.imap.poller import MailboxPoller
from tests import outside

from .conftest import Box


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async def problem() -> bool:
        return not await holds()

    await outside.until(problem, "it did not happen", patience=20)


async def at_least(box: Box, count: int) -> bool:
    """Whether so many records are on the log."""
    return len(await box.house.records()) >= count


class Serving:
    """A poller that runs."""

    def __init__(self, poller: MailboxPoller) -> None:
        self.stopping = asyncio.Event()
        self._task = asyncio.create_task(poller.run(self.stopping))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.stopping.set()
        await self._task
