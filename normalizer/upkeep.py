"""What the search for duplicates needs from time to time: word counts written and read, keys renewed and pruned."""

from normalizer.dedup.history import History
from normalizer.dedup.index import CandidateIndex
from normalizer.dedup.scoring import Judge
from runtime.store.engine import Store


class Upkeep:
    """One round every few minutes, in short transactions; several normalizers may do the same at the same time."""

    def __init__(self, store: Store, history: History, judge: Judge, index: CandidateIndex) -> None:
        self._store = store
        self._history = history
        self._judge = judge
        self._index = index

    async def round(self) -> bool:
        """Do what is due; says whether there is more of it at once.

        Raises:
            StoreUnavailable: try again; nothing is lost.
        """
        await self.write()
        async with self._store.reading() as connection:
            self._judge.learn(await self._history.read(connection))
        async with self._store.writing() as connection:
            renewed = await self._index.refresh(connection)
        async with self._store.writing() as connection:
            pruned = await self._index.prune(connection)
        return renewed + pruned > 0

    async def write(self) -> None:
        """Make durable what was counted so far."""
        if not self._history.waiting:
            return
        taken = self._history.take()
        try:
            async with self._store.writing() as connection:
                await self._history.write(connection, taken)
        except BaseException:
            self._history.give_back(taken)
            raise
