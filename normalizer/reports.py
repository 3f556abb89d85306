"""Stored complaints as the search for duplicates sees them: each by its own words, merged or not. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from normalizer import tables as t
from normalizer.dedup.history import History
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge
from normalizer.settling.cases import Case, Cases, head_of
from normalizer.settling.drafting import Drafter
from normalizer.source import SourceView
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store
from schemas.parts import Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """A complaint, and where it stands."""

    report: Report
    state: str
    """gathering, settled, merged."""
    rahasia: bool
    """Whether it asks for silence, or lives on in one that does."""
    merged_into: UUID | None
    leader: UUID | None
    verdict: Verdict
    """What was decided of it, by the machine or by a person."""


class Reports:
    """Understands stored complaints anew, as they would be understood now."""

    def __init__(self, store: Store, sealing: Sealing, drafter: Drafter, sources: Mapping[str, SourceView]) -> None:
        self._store = store
        self._cases = Cases(sealing)
        self._drafter = drafter
        self._sources = sources

    async def read(self, ids: Sequence[UUID]) -> dict[UUID, Told]:
        """What is known of each id, of a complaint or of a message, by that id; what nobody knows is left out.

        Raises:
            SealingError: a complaint was not sealed with this key.
            StoreUnavailable: the tables cannot be read.
        """
        async with self._store.reading() as connection:
            m = t.messages.c
            rows = await connection.execute(select(m.message_id, m.complaint_id).where(m.message_id.in_(ids)))
            owners = {row.message_id: row.complaint_id for row in rows if row.complaint_id is not None}
            wanted = {each: owners.get(each, each) for each in ids}
            cases: dict[UUID, Case] = {}
            await self._cases.load(connection, set(wanted.values()), cases)
        return {
            each: self._told(cases[key], head_of(cases[key], cases)) for each, key in wanted.items() if key in cases
        }

    async def judge(self) -> Judge:
        """The judge as it judges now: by the words that this store has seen."""
        judge = Judge()
        async with self._store.reading() as connection:
            judge.learn(await History(t.words, judge.weights).read(connection))
        return judge

    def _told(self, case: Case, head: Case) -> Told:
        source = self._sources.get(case.source)
        zone, home = (source.zone, source.home) if source else ("Asia/Jakarta", None)
        draft = self._drafter.draft(case.parts, zone, home)
        return Told(
            report=self._drafter.report(case.complaint_id, case.agency, case.conversation, draft),
            state=case.state,
            rahasia=draft.rahasia or case.rahasia or head.rahasia,
            merged_into=case.merged_into,
            leader=case.leader,
            verdict=case.verdict,
        )
