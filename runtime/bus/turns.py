"""Publications with a key in common go one after another, in the order in which they were begun; others do not wait."""

import asyncio
from collections.abc import AsyncIterator, Collection, Hashable, Sequence
from contextlib import asynccontextmanager


class Turns:
    """Who is last in the line of each key. Costs nothing where keys differ."""

    def __init__(self) -> None:
        self._last: dict[Hashable, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def take(self, keys: Collection[Hashable]) -> AsyncIterator[None]:
        """Wait for everybody who came before with one of these keys, and keep those waiting who come later."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        before = list({id(last): last for key in keys if (last := self._last.get(key)) is not None}.values())
        self._last.update(dict.fromkeys(keys, mine))
        try:
            if before:
                await asyncio.wait(before)
            yield
        finally:
            self._hand_on(keys, mine, before)

    def _hand_on(self, keys: Collection[Hashable], mine: asyncio.Future[None], before: Sequence[object]) -> None:
        """Whoever gives up while waiting is done when those before are: nobody behind may overtake them."""
        waiting = [each for each in before if isinstance(each, asyncio.Future) and not each.done()]
        if waiting:
            waiting[0].add_done_callback(lambda _: self._hand_on(keys, mine, waiting[1:]))
            return
        mine.set_result(None)
        for key in keys:
            if self._last.get(key) is mine:
                del self._last[key]
