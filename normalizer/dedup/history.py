"""In how many documents each word stood: kept in the database, so that every normalizer knows the same history.

Counted in memory as complaints settle and written together every few minutes, in a transaction of its own: nothing
waits for a row that a frequent word shares with all others. What a crash loses are statistics. Words are hashes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    Update,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer.dedup.rarity import Rarity, word_key
from normalizer.dedup.report import Report
from normalizer.dedup.weights import Weights
from normalizer.dedup.words import take_apart
from runtime.store.statements import chunks, insert_new

DOCUMENTS = 0
"""The key of the row that counts the documents; no hash of a word is 0 but by a chance of one in 2⁶³."""
VERSION = "w2"
"""Of how words are taken from a text. Counts of another version are not mixed with these."""
_LEAST = 2
"""Documents from which a word's count is read: what stood in one only is as rare as what never stood."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much history is kept."""

    words: int = 200_000
    """Rows. When there are more, those of the rarest words go: they count as never met."""
    documents: int = 500_000
    """When so many are counted, all counts are halved: last year weighs less than this one."""


def table(metadata: MetaData) -> Table:
    """Declares `normalizer_words` on `metadata`."""
    return Table(
        "normalizer_words",
        metadata,
        Column("version", String(16), primary_key=True, comment="how words are taken from a text"),
        Column("word", BigInteger, primary_key=True, autoincrement=False, comment="63-bit hash; 0: all documents"),
        Column("documents", Integer, nullable=False),
    )


class History:
    """Counts words, and reads what all have counted."""

    def __init__(self, words: Table, weights: Weights, *, bounds: Bounds | None = None) -> None:
        self._words = words
        self._weights = weights
        self._vocabulary = weights.vocabulary()
        self._bounds = bounds or Bounds()
        self._counted: Counter[int] = Counter()

    @property
    def waiting(self) -> int:
        """Documents that were counted and are not written yet."""
        return self._counted[DOCUMENTS]

    def count(self, reports: Iterable[Report]) -> None:
        """Count new complaints, each once."""
        for report in reports:
            self._counted[DOCUMENTS] += 1
            self._counted.update(map(word_key, take_apart(report.comparable, self._vocabulary).content))

    def take(self) -> Mapping[int, int]:
        """What was counted so far, to be written; counting goes on anew."""
        taken, self._counted = self._counted, Counter()
        return taken

    def give_back(self, taken: Mapping[int, int]) -> None:
        """What could not be written is written next time."""
        self._counted.update(taken)

    async def write(self, connection: AsyncConnection, taken: Mapping[int, int]) -> None:
        """Add what was taken to what stands there, and keep it within bounds."""
        # By ascending word, so that two that write at the same time wait for each other and no more.
        words = sorted(taken)
        await connection.execute(
            insert_new(connection, self._words),
            [{"version": VERSION, "word": word, "documents": 0} for word in words],
        )
        await connection.execute(self._add(), [{"word_": word, "more_": taken[word]} for word in words])
        await self._bound(connection)

    async def read(self, connection: AsyncConnection) -> Rarity:
        """How rare words are by now."""
        w = self._words.c
        rows = await connection.execute(select(w.word, w.documents).where(w.version == VERSION, w.documents >= _LEAST))
        counts = {row.word: row.documents for row in rows}
        return Rarity(self._weights, counts, counts.pop(DOCUMENTS, 0))

    def _add(self) -> Update:
        w = self._words.c
        return (
            update(self._words)
            .where(w.version == VERSION, w.word == bindparam("word_"))
            .values(documents=w.documents + bindparam("more_"))
        )

    async def _bound(self, connection: AsyncConnection) -> None:
        w = self._words.c
        await connection.execute(delete(self._words).where(w.version != VERSION))
        all_documents = select(w.documents).where(w.word == DOCUMENTS)
        if ((await connection.execute(all_documents)).scalar() or 0) > self._bounds.documents:
            await connection.execute(update(self._words).values(documents=w.documents / 2))
        number = (await connection.execute(select(func.count()).select_from(self._words))).scalar_one()
        if number <= self._bounds.words:
            return
        surplus = select(w.word).where(w.word != DOCUMENTS).order_by(w.documents, w.word)
        # A quarter of the room is made free at once, so that this is not done at every writing.
        gone = (await connection.execute(surplus.limit(number - self._bounds.words * 3 // 4))).scalars().all()
        for some in chunks(sorted(gone)):
            await connection.execute(delete(self._words).where(w.word.in_(some)))
