"""A composed complaint, understood: everything that can be said of it before it is compared with others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from normalizer.dedup.report import Report
from normalizer.parts import Part
from normalizer.settling.comparing import comparable
from normalizer.settling.composing import Composed, compose
from normalizer.understanding import masking, people
from normalizer.understanding import text as words
from normalizer.understanding.categories import Categories, FoundCategory, Topic
from normalizer.understanding.incident_time import incident_date
from normalizer.understanding.language import LanguageDetector
from normalizer.understanding.places import PlaceFinder
from normalizer.understanding.places_index import Register
from normalizer.understanding.ruling import Ruling
from normalizer.understanding.spam import NoComplaint
from recipes.mapped import Classification
from runtime.sealing.protocol import Sealing
from schemas.parts import Place

_ADDITION = "— Tambahan dari pelapor:"
"""Stands between the citizen's words and what they added in a repeat."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a complaint says, in the clear (`private_…`) and as it may be shown."""

    composed: Composed
    private_title: str
    private_text: str
    title: str
    text: str
    comparable: str
    language: str
    classification: Classification
    category: FoundCategory | None
    place: Place
    position_from: Literal["sender", "text", "photo"] | None
    """Whose word its latitude and longitude are."""
    incident_date: date | None
    anonim: bool
    rahasia: bool
    historical: bool
    """Whether all that was said lies in the past: one live repeat brings an imported complaint to life."""
    timed_from: datetime
    """When the first live message was accepted: SP4N's clock runs from there."""
    hub_receipt: str | None
    ignore: str | None
    """Why this is no complaint at all, when that is certain."""
    doubt: str | None
    """What it may be instead of a complaint, so that somebody should look at it."""


class Drafter:
    """Understands complaints. One for all sources, since its tables are large."""

    def __init__(self, sealing: Sealing, ruling: Ruling | None = None, categories: Categories | None = None) -> None:
        """`ruling`: the tables of rules; those that come with Muara by default. `categories`: instead of its own."""
        ruling = ruling or Ruling()
        self._sealing = sealing
        self._languages = LanguageDetector()
        self._classifier = ruling.classes
        self._categorizer: Categories = categories or ruling.categories
        self._spam = ruling.spam
        self.topics: Mapping[str, Topic] = ruling.categories.table.categories
        """The categories that there are, by key."""
        self._register = Register()
        self._finders: dict[str | None, PlaceFinder] = {}

    def load(self, homes: Iterable[str | None]) -> None:
        """Read all tables, for these home regions: seconds of work that nothing else should have to wait for.

        Raises:
            ValueError: a home region is not in the register.
        """
        self._languages.load()
        for home in homes:
            self._finder(home).load()

    def draft(
        self,
        parts: Sequence[Part],
        zone: str,
        home: str | None,
        repeats: Sequence[Sequence[Part]] = (),
        names: Sequence[str] = (),
    ) -> Draft:
        """Understand the parts of one complaint.

        `repeats`: the same person's later reports of it. `names`: further names to mask, known from elsewhere.
        """
        composed = compose(parts)
        told = [composed, *(compose(each) for each in repeats)]
        text = _with_additions(told)
        own_words = composed.text
        names = list(dict.fromkeys([*(each.name for each in told if each.name), *names]))
        shown_words = masking.mask(own_words, names)
        title = composed.title or words.title(own_words) or _untold(composed)
        if composed.title:
            shown_title = masking.mask(title, names)
        elif shown_words == own_words:
            shown_title = title
        else:  # masked first, cut then: the cut could leave half a phone number that nothing recognises any more
            shown_title = words.title(shown_words) or _untold(composed)
        other = self._no_complaint(composed)
        wishes = [self._classifier.flags(each.text) for each in told]
        place, position_from = self._place(composed, home, names)
        return Draft(
            composed=composed,
            private_title=title,
            private_text=text,
            title=shown_title,
            text=shown_words if text == own_words else masking.mask(text, names),
            comparable=comparable(own_words, shown_words, names, self._sealing),
            language=self._languages.detect(own_words),
            classification=composed.classification or self._classifier.classify(own_words)[0],
            category=self._given(composed.given_category)
            or self._categorizer.categorize(f"{title}\n{own_words}\n{composed.category or ''}"),
            place=place,
            position_from=position_from,
            incident_date=composed.incident_date or incident_date(own_words, composed.sent_at, ZoneInfo(zone)),
            # Whoever asks for silence once has it for all that was merged with it.
            anonim=any(each.anonim for each in told) or any(wish.anonim for wish in wishes),
            rahasia=any(each.rahasia for each in told) or any(wish.rahasia for wish in wishes),
            historical=all(each.historical for each in told),
            timed_from=min((each.received_at for each in told if not each.historical), default=composed.received_at),
            hub_receipt=next((each.hub_receipt for each in told if each.hub_receipt), None),
            ignore=other.reason if other and other.is_certain else None,
            doubt=other.reason if other and not other.is_certain else None,
        )

    def report(self, complaint_id: UUID, agency: str, conversation: str, draft: Draft) -> Report:
        """The draft as the search for duplicates sees it."""
        composed, place = draft.composed, draft.place
        phones = {composed.phone} if composed.phone else set(_only(people.phones_in(composed.text)))
        emails = {composed.email} if composed.email else set(_only(people.emails_in(composed.text)))
        if composed.email and not composed.phone:
            phones = set(_only(people.phones_in(composed.text)))
        known = bool(composed.phone or composed.email)
        tokens = {self._sealing.blind("phone", phone) for phone in phones}
        tokens |= {self._sealing.blind("email", email.casefold()) for email in emails}
        return Report(
            complaint_id=complaint_id,
            agency=agency,
            identities=frozenset({*tokens, f"conversation:{conversation}"}),
            reporter_known=known,
            comparable=draft.comparable,
            region_code=place.region_code,
            street=place.street,
            number=place.number,
            rt=place.rt,
            rw=place.rw,
            kilometre=place.kilometre,
            latitude=place.latitude,
            longitude=place.longitude,
            category=draft.category.key if draft.category else None,
            sent_at=composed.sent_at,
            attachments=frozenset(file.object for file in composed.files if file.object),
            landmark=place.landmark,
            region_name=place.region_name or "",
            where=words.comparable(masking.mask(told)) if (told := _address(composed)) else "",
        )

    def _given(self, key: str | None) -> FoundCategory | None:
        """What an operator said it is; None when nobody did, or when the table has no such category any more."""
        topic = self.topics.get(key) if key is not None else None
        if key is None or topic is None:
            return None
        return FoundCategory(key, topic.title, topic.agency, 1.0, "operator", ("operator",))

    def _no_complaint(self, composed: Composed) -> NoComplaint | None:
        if composed.files or composed.location or composed.hub_receipt:
            return None
        return self._spam.judge("\n".join(filter(None, [composed.title, composed.text])))

    def _finder(self, home: str | None) -> PlaceFinder:
        finder = self._finders.get(home)
        if finder is None:
            finder = self._finders[home] = PlaceFinder(home, self._register)
        return finder

    def _place(
        self, composed: Composed, home: str | None, names: Sequence[str]
    ) -> tuple[Place, Literal["sender", "text", "photo"] | None]:
        found = self._finder(home).find(composed.text, _address(composed))
        position = _position(composed, found.latitude, found.longitude)
        place = Place(
            region_code=found.region_code,
            region_scheme=found.scheme if found.region_code else None,
            region_edition=found.edition if found.region_code else None,
            region_name=found.region_name,
            street=_unmasked(found.street, names),
            number=_unmasked(found.number, names),
            rt=found.rt,
            rw=found.rw,
            kilometre=found.kilometre,
            landmark=_unmasked(found.landmark, names),
            latitude=position[0],
            longitude=position[1],
            confidence=found.confidence,
        )
        return place, position[2]


def _address(composed: Composed) -> str | None:
    """What the address field says, and a shared location of its name and address."""
    location = composed.location
    told = [composed.address, location.name if location else None, location.address if location else None]
    return "\n".join(part for part in told if part) or None


def _position(
    composed: Composed, latitude: float | None, longitude: float | None
) -> tuple[float | None, float | None, Literal["sender", "text", "photo"] | None]:
    """What the sender attached; else what the words say; else what a photo tells, and whose word it is."""
    if composed.location:
        return composed.location.latitude, composed.location.longitude, "sender"
    if latitude is not None and longitude is not None:
        return latitude, longitude, "text"
    return (*composed.photo, "photo") if composed.photo else (None, None, None)


def _unmasked(words: str | None, names: Sequence[str]) -> str | None:
    """What is published of a place, unless it holds somebody's number or name: then nothing of it."""
    return None if words is None or masking.identities(words, names) else words


def _with_additions(told: Sequence[Composed]) -> str:
    """The citizen's words, and what later reports of theirs add; a repeat in the same words adds nothing."""
    if len(told) == 1:
        return told[0].text
    said = {words.comparable(told[0].text)}
    texts = [told[0].text]
    for again in (each.text for each in told[1:]):
        if again and words.comparable(again) not in said:
            said.add(words.comparable(again))
            texts.append(f"{_ADDITION}\n{again}")
    return "\n\n".join(text for text in texts if text)


def _untold(composed: Composed) -> str:
    if composed.files:
        return "Lampiran tanpa keterangan"
    if composed.location:
        return "Lokasi tanpa keterangan"
    return "Laporan tanpa keterangan"


def _only(found: Sequence[str]) -> Sequence[str]:
    """A text that names one number most likely names its writer's; several may be anybody's."""
    return found if len(found) == 1 else ()
