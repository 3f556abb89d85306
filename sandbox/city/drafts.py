"""Messages in the making: what a scene produces, before ids are given and the truth is set apart."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sandbox.city.truth import Expected
from sandbox.city.utterances import Channel, Kind, Utterance


@dataclass(slots=True)
class Draft:
    """One message and, beside it, what is true of it."""

    said: Utterance
    outcome: str
    complaint: int | None = None
    """Number of the complaint, within the plan."""
    incident: int | None = None
    why: str = "first"
    category: str | None = None
    classification: str | None = None
    region: str | None = None
    anonim: bool = False
    rahasia: bool = False
    solitary: bool = False
    """Belongs to nothing else, so that it may be moved in time."""
    original: "Draft | None" = None
    """The message that this one is a redelivery of."""
    copies: int = 0
    """How many more times it is sent."""

    def change(self, **changes: object) -> None:
        """Puts another utterance in place, with these fields changed."""
        self.said = replace(self.said, **changes)  # type: ignore[arg-type]

    def expected(self, complaint: str | None, incident: str | None) -> Expected:
        """The truth about it, under the names that were drawn for its groups."""
        return Expected(
            self.outcome,
            complaint,
            incident,
            self.why,
            self.copies,
            self.category,
            self.classification,
            self.region,
            self.anonim,
            self.rahasia,
        )


def nameless(draft: Draft) -> bool:
    """Whether it is damaged so that its id cannot be read: such a message is counted, not named."""
    return draft.said.kind is Kind.BROKEN and draft.said.channel in {Channel.WHATSAPP, Channel.HOSPITAL}


def repeatable(drafts: Iterable[Draft]) -> list[Draft]:
    """Those that a provider may deliver again under the same id, alone."""
    sent = {Channel.WHATSAPP, Channel.SMS, Channel.EMAIL, Channel.HOSPITAL}
    return [d for d in drafts if d.said.channel in sent and not nameless(d) and d.said.burst is None]
