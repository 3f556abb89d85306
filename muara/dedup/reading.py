"""Texts become reports as they do in the pipeline: composed, understood and drafted by the normalizer's own code."""

import dataclasses
import os
from datetime import UTC, datetime
from functools import cached_property
from uuid import NAMESPACE_URL, UUID, uuid5

from muara.dedup.pairs import Pair, Side
from normalizer.dedup.report import Report
from normalizer.parts import Part, storable
from normalizer.settling.drafting import Drafter
from normalizer.understanding import people
from recipes.mapped import Mapped, MappedLocation
from runtime.sealing.sealer import KEY_BYTES, Sealer

_UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
"""When neither side says when: then no time lies between them."""
_AGENCY = "evaluation"


class Reader:
    """Understands the sides of pairs."""

    def __init__(self, *, zone: str = "Asia/Jakarta", home: str | None = None) -> None:
        """`home`: the region in which the agency works, the prior for place names.

        Raises:
            ValueError: `home` is no region.
        """
        self._zone = zone
        self._home = home
        # A key of this process only: identities are compared here, and kept nowhere.
        self._sealing = Sealer(os.urandom(KEY_BYTES))
        self._remembered: dict[tuple[Side, datetime], Report] = {}
        if home is not None:
            self._drafter.load([home])

    @cached_property
    def _drafter(self) -> Drafter:
        return Drafter(self._sealing)

    def pair(self, pair: Pair) -> tuple[Report, Report]:
        """Both sides as the search for duplicates sees them. One that says no time came when the other did."""
        when = pair.a.submitted_at or pair.b.submitted_at or _UNDATED
        return self.report(pair.a, f"{pair.line}/a", when), self.report(pair.b, f"{pair.line}/b", when)

    def report(self, side: Side, name: str, when: datetime = _UNDATED) -> Report:
        """One side; `name` is its own among all that are compared, `when` it came if it does not say."""
        moment = side.submitted_at or when
        known = self._remembered.get((side, moment))
        if known is None:
            known = self._remembered[side, moment] = self._report(side, moment)
        # Who does not say who they are is not known to be anybody else either.
        nobody = {f"conversation:{name}"} if side.reporter is None else set()
        return dataclasses.replace(
            known, complaint_id=_id(name), identities=frozenset({*known.identities, *nobody} - {_NOBODY})
        )

    def _report(self, side: Side, moment: datetime) -> Report:
        mapped = Mapped(
            text=side.text,
            phone=people.phone(side.reporter) if side.reporter else None,
            email=people.email(side.reporter) if side.reporter else None,
            sent_at=moment,
            location=MappedLocation(*side.point) if side.point else None,
            address=side.place,
        )
        part = Part(UUID(int=0), "evaluation", "evaluation", moment, storable(mapped))
        draft = self._drafter.draft([part], self._zone, self._home)
        conversation = self._sealing.blind("conversation", side.reporter.casefold()) if side.reporter else "nobody"
        report = self._drafter.report(UUID(int=0), _AGENCY, conversation, draft)
        return dataclasses.replace(report, reporter_known=side.reporter is not None)


_NOBODY = "conversation:nobody"


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"muara:pair:{name}")
