"""The stage that scenes play on: who is there, where nothing has happened yet, which channel takes what."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from sandbox.city.catalogue import Situation, load_situations
from sandbox.city.drafts import Draft
from sandbox.city.geography import STREETS, City, Spot, facility
from sandbox.city.people import Census, Citizen, spell_phone
from sandbox.city.shares import Shares
from sandbox.city.utterances import Attachment, Channel, Kind, Utterance
from sandbox.city.wording import ANONYMOUS, SECRET, Wording, draw
from sandbox.city.writing import Incident, compose, mention, subject

_GENERAL = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL, Channel.SUBDISTRICT)
_AGENCY = {"pdam": Channel.WATER, "rsud": Channel.HOSPITAL}
MAIL_SHAPES = ("gmail", "outlook", "plain", "iphone", "html")
_REST = timedelta(hours=3)
"""Between two matters of one person: longer than any conversation."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says it where in which words."""

    citizen: Citizen
    channel: Channel
    wording: Wording


class Stage:
    """Draws incidents, people and single messages; keeps two incidents of one situation apart."""

    def __init__(self, rng: random.Random, shares: Shares, now: datetime, days: float) -> None:
        self.rng, self.shares, self.now = rng, shares, now
        self.start = now - timedelta(days=days)
        self.city = City()
        self.census = Census(rng, self.city, STREETS)
        self._situations = load_situations()
        self._by_channel = {channel: [s for s in self._situations if channel in taking(s)] for channel in Channel}
        self._shared = [s for s in self._situations if s.shared and s.classification == "pengaduan"]
        self._channels = [channel for channel in Channel if shares.channels.get(channel, 0) > 0]
        self._weights = [shares.channels[channel] for channel in self._channels]
        self._used: set[tuple[str, ...]] = set()
        self._incidents = self._complaints = self._bursts = 0
        self._seen: list[tuple[Citizen, list[datetime]]] = []

    def moment(self, reserve: timedelta = timedelta(0)) -> datetime:
        """A time within the days of the plan, at least `reserve` before its end."""
        room = max(timedelta(minutes=1), self.now - reserve - timedelta(minutes=30) - self.start)
        return (self.start + room * self.rng.random()).replace(microsecond=0)

    def has(self, channel: Channel) -> bool:
        """Whether the plan uses the channel."""
        return channel in self._channels

    def channel(self, among: Sequence[Channel] = ()) -> Channel | None:
        """A channel by weight, one of those given if any are; None when none of them is in use."""
        pool = [(c, w) for c, w in zip(self._channels, self._weights, strict=True) if not among or c in among]
        if not pool:
            return None
        return self.rng.choices([c for c, _ in pool], [w for _, w in pool])[0]

    def situation(self, channel: Channel) -> Situation:
        """Something that one may say on that channel."""
        return self.rng.choice(self._by_channel[channel])

    def shared_situation(self) -> Situation:
        """Something that many may complain of."""
        return self.rng.choice(self._shared)

    def incident(self, situation: Situation, at: datetime) -> Incident:
        """A new incident before `at`, in a place where this situation has not been yet, as far as places last."""
        rng = self.rng
        spot = self.city.spot(rng, situation.place)
        for attempt in range(12):
            coarse, fine = _places(situation, spot)
            if (fine if attempt >= 6 else coarse) not in self._used:
                break
            spot = self.city.spot(rng, situation.place)
        self._used.update(_places(situation, spot))
        self._incidents += 1
        hours = (
            rng.choice((1, 3, 8, 20, 40)) if situation.span == "event" else rng.choice((2, 10, 30, 80, 170, 400, 1100))
        )
        began = at - timedelta(hours=hours * rng.uniform(0.5, 1.0))
        return Incident(self._incidents, situation, spot, began, rng.randrange(12), rng.randrange(4))

    def neighbour(self, incident: Incident) -> Incident:
        """Another incident of the same situation: other street, RT, house or building, all else the same."""
        for attempt in count():
            spot = self._moved(incident)
            keys = _places(incident.situation, spot)
            # A building is one place; a street or an RT next door is a place of its own within the same kelurahan.
            fresh = (keys[0] if spot.facility else keys[1]) not in self._used
            elsewhere = not spot.facility or spot.facility != incident.spot.facility
            if elsewhere and (fresh or attempt >= 12):
                break
        self._used.update(keys)
        self._incidents += 1
        return replace(incident, number=self._incidents, spot=spot)

    def _moved(self, incident: Incident) -> Spot:
        rng, spot = self.rng, incident.spot
        if spot.facility:
            village = rng.choice(self.city.villages)
            return replace(spot, village=village, facility=facility(rng, incident.situation.place, village))
        if spot.house:
            return replace(spot, house=spot.house + rng.choice((2, 4, 6, 11)))
        if rng.random() < 0.5:
            return replace(spot, rt=spot.rt % 9 + 1)
        return replace(spot, street=STREETS[(STREETS.index(spot.street) + rng.randint(1, 9)) % len(STREETS)])

    def somebody(self, *times: datetime, returning: bool = False) -> Citizen:
        """A newcomer, or somebody seen before who says nothing else for hours before and after these times."""
        if returning and self._seen:
            citizen, taken = self.rng.choice(self._seen)
            if all(abs(at - other) > _REST for at in times for other in taken):
                taken.extend(times)
                return citizen
        citizen = self.census.newcomer()
        self._seen.append((citizen, list(times)))
        return citizen

    def voice(self, citizen: Citizen, channel: Channel, incident: Incident) -> Voice:
        """A fresh wording for that person there, with a wish to stay unnamed now and then."""
        rng, shares = self.rng, self.shares
        wording = draw(rng, citizen, incident.situation)
        if rng.random() < shares.anonymous:
            wording = replace(wording, plea=rng.choice(ANONYMOUS))
        elif rng.random() < shares.secret / max(1e-9, 1 - shares.anonymous):
            wording = replace(wording, plea=rng.choice(SECRET))
        return Voice(citizen, channel, wording)

    def next_complaint(self) -> int:
        """The number of a new complaint."""
        self._complaints += 1
        return self._complaints

    def next_burst(self) -> int:
        """The number of a new burst."""
        self._bursts += 1
        return self._bursts

    def say(
        self,
        incident: Incident,
        voice: Voice,
        at: datetime,
        complaint: int,
        why: str = "first",
        *,
        reachable: bool = False,
    ) -> Draft:
        """The message, whole. `reachable` gives the phone number even where it is optional."""
        rng, citizen, channel = self.rng, voice.citizen, voice.channel
        wording = voice.wording
        if channel is Channel.SUBDISTRICT:
            # The clerk leaves greetings out, and types no pictures.
            wording = replace(wording, opening="", closing="")
        text = compose(incident, wording, citizen, at)
        spot = incident.spot
        with_phone = reachable or channel is not Channel.EMAIL or rng.random() < 0.5
        said = Utterance(
            at,
            channel,
            citizen,
            text=text,
            subject=self._subject(incident, wording, channel),
            address=mention(spot, 0, exact=True) if channel in {Channel.WATER, Channel.SUBDISTRICT} else "",
            phone=spell_phone(rng, citizen.national) if with_phone else "",
            shape=self._shape(channel),
        )
        if rng.random() < 0.25:
            said = with_picture(said, rng)
        return self.note(said, incident, complaint, why, voice.wording.plea)

    def note(self, said: Utterance, incident: Incident, complaint: int, why: str, plea: str = "") -> Draft:
        """The message together with what is true of it."""
        situation = incident.situation
        return Draft(
            said,
            "complaint" if why == "first" else "merged",
            complaint,
            incident.number,
            why,
            situation.category,
            situation.classification,
            _region(incident),
            plea in ANONYMOUS,
            plea in SECRET,
        )

    def _subject(self, incident: Incident, wording: Wording, channel: Channel) -> str:
        match channel:
            case Channel.EMAIL:
                return subject(incident, wording)
            case Channel.HOSPITAL:
                return incident.spot.facility.removesuffix(" RSUD Muara Sari")
            case _:
                return incident.situation.category

    def _shape(self, channel: Channel) -> str:
        match channel:
            case Channel.EMAIL:
                return self.rng.choice(MAIL_SHAPES)
            case Channel.HOSPITAL:
                return self.rng.choice(("json", "json", "form"))
            case _:
                return ""


def _places(situation: Situation, spot: Spot) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The place coarsely (building or kelurahan) and finely (street, RT, house), for one situation."""
    coarse = (situation.key, spot.facility or spot.village.code)
    return coarse, (*coarse, spot.street, str(spot.rt), str(spot.rw), str(spot.house))


def _region(incident: Incident) -> str | None:
    code, place = incident.spot.village.code, incident.situation.place
    if place == "hospital":
        return None
    return code.rpartition(".")[0] if place == "subdistrict" else code


def taking(situation: Situation) -> tuple[Channel, ...]:
    """The channels on which somebody may say that. The hospital's and the water company's take only their own."""
    own = _AGENCY.get(situation.agency)
    return (*_GENERAL, own) if own else _GENERAL


def with_picture(said: Utterance, rng: random.Random) -> Utterance:
    """The same with a photo, on channels that take one."""
    if said.channel not in {Channel.WHATSAPP, Channel.EMAIL, Channel.HOSPITAL, Channel.SMS}:
        return said
    # A mail holds the bytes themselves, and PNG is what can be made without a library.
    media_type, ending = ("image/png", "png") if said.channel is Channel.EMAIL else ("image/jpeg", "jpg")
    name = f"IMG-{said.at:%Y%m%d}-WA{rng.randrange(10_000):04d}.{ending}"
    photo = Attachment(media_type, name, rng.getrandbits(32))
    kind = Kind.IMAGE if said.channel is Channel.WHATSAPP else said.kind
    return replace(said, attachments=(photo,), kind=kind)
