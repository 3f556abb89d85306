"""Understanding that understands nothing: what the pipeline itself costs, without reading what people write."""

from collections.abc import Iterable, Sequence

from normalizer.parts import Part
from normalizer.settling.composing import Composed
from normalizer.settling.drafting import Draft, Drafter
from runtime.sealing.protocol import Sealing
from schemas.parts import Place


class PassThrough(Drafter):
    """Takes the words as they are: no language, place, category, nothing masked, nothing told to be spam."""

    def __init__(self, sealing: Sealing) -> None:
        super().__init__(sealing)

    def load(self, homes: Iterable[str | None]) -> None:
        """Nothing."""

    def draft(
        self,
        parts: Sequence[Part],
        zone: str,
        home: str | None,
        repeats: Sequence[Sequence[Part]] = (),
        names: Sequence[str] = (),
    ) -> Draft:
        """The parts as one complaint."""
        del zone, home, repeats, names
        composed = _first_of(parts)
        title = composed.text[:80]
        return Draft(
            composed=composed,
            private_title=title,
            private_text=composed.text,
            title=title,
            text=composed.text,
            comparable="",
            language="und",
            classification="pengaduan",
            category=None,
            place=Place(),
            position_from=None,
            incident_date=None,
            anonim=False,
            rahasia=False,
            historical=composed.historical,
            timed_from=composed.received_at,
            hub_receipt=None,
            ignore=None,
            doubt=None,
        )


def _first_of(parts: Sequence[Part]) -> Composed:
    """The founding message as it was mapped."""
    first, mapped = parts[0], parts[0].mapped
    return Composed(
        text=mapped.text or "",
        title=mapped.title,
        name=mapped.name,
        phone=mapped.phone,
        email=mapped.email,
        address=mapped.address,
        location=mapped.location,
        photo=None,
        incident_date=mapped.incident_date,
        classification=mapped.classification,
        category=mapped.category,
        anonim=mapped.anonim or False,
        rahasia=mapped.rahasia or False,
        files=(),
        hub_receipt=mapped.hub_receipt,
        sent_at=first.sent_at,
        received_at=first.received_at,
        historical=first.historical,
    )
