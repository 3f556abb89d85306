"""The scenes of the city. Each returns the messages of one or a few people about one or two incidents."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.city.drafts import Draft
from sandbox.city.people import Citizen
from sandbox.city.speech import colour
from sandbox.city.stage import Stage, Voice, taking, with_picture
from sandbox.city.utterances import Channel, Kind, Location, Utterance
from sandbox.city.wording import ANNOUNCEMENTS, KNOCKS, draw
from sandbox.city.writing import Incident, fill, mention

CHATS = (Channel.WHATSAPP, Channel.SMS)
_TIMELESS = (Channel.SMS, Channel.SUBDISTRICT)
"""No time of day on the wire: when time is compressed, two matters of one person there look like one conversation."""
_CLERKS = (Channel.SUBDISTRICT, Channel.WATER, Channel.HOSPITAL)


def ordinary(stage: Stage) -> list[Draft]:
    """One person, one message, one complaint."""
    at = stage.moment()
    channel = stage.channel()
    if channel is None:
        raise ValueError("no channel has a weight: set `Shares.channels`")
    incident = stage.incident(stage.situation(channel), at)
    returning = channel not in _TIMELESS and stage.rng.random() < stage.shares.returning
    citizen = stage.somebody(at, returning=returning)
    draft = stage.say(incident, stage.voice(citizen, channel, incident), at, stage.next_complaint())
    draft.solitary = True
    return [draft]


def pieces(stage: Stage) -> list[Draft]:
    """`Pak` / `mau lapor` / what is the matter / where / `RT 3 ya`: one complaint over three to five messages."""
    rng, at = stage.rng, stage.moment()
    channel = stage.channel(CHATS)
    if channel is None:
        return []
    situation = stage.shared_situation()
    while situation.place != "street":
        situation = stage.shared_situation()
    incident, citizen, complaint = stage.incident(situation, at), stage.somebody(at), stage.next_complaint()
    said = [_chat(citizen, channel, text) for text in _lines(stage, incident, citizen, at)]
    where = 1 + next(n for n, line in enumerate(said) if len(line.text) > 30)
    spot = incident.spot
    if channel is Channel.WHATSAPP and rng.random() < 0.4:
        pin = Location(spot.latitude, spot.longitude, spot.landmark, f"Jl. {spot.street}, {spot.village.name}")
        said.insert(where, replace(_chat(citizen, channel, ""), kind=Kind.LOCATION, location=pin))
    else:
        said.insert(
            where, _chat(citizen, channel, rng.choice(("", "lokasi ", "di ")) + mention(spot, 6 + rng.randrange(2)))
        )
    if channel is Channel.WHATSAPP and rng.random() < 0.4 and len(said) < 5:
        said.insert(where, with_picture(replace(_chat(citizen, channel, ""), at=at), rng))
    drafts = []
    for n, line in enumerate(said):
        drafts.append(stage.note(replace(line, at=at), incident, complaint, "piece" if n else "first"))
        at += timedelta(seconds=rng.randint(4, 40))
    return drafts


def _lines(stage: Stage, incident: Incident, citizen: Citizen, at: datetime) -> list[str]:
    """The lines of text before and after the place, in order."""
    rng = stage.rng
    parts = fill(incident, draw(rng, citizen, incident.situation), at)
    matter = colour(f"{parts.problem}, {parts.object}. {parts.effect}", citizen, rng)
    lines = [rng.choice(KNOCKS), rng.choice(ANNOUNCEMENTS), matter]
    if rng.random() < 0.5:
        del lines[rng.randrange(2)]
    if len(lines) == 2 or rng.random() < 0.5:
        rt = incident.spot.rt
        lines.append(
            rng.choice((f"RT {rt} ya", f"rt {rt:02d} pak", f"RT{rt} rw {incident.spot.rw}", f"oh iya RT {rt:02d}"))
        )
    return lines


def album(stage: Stage) -> list[Draft]:
    """Five images at once; what is the matter stands under the first of them, or in a text just before."""
    if not stage.has(Channel.WHATSAPP):
        return []
    rng, at, burst = stage.rng, stage.moment(), stage.next_burst()
    incident = stage.incident(stage.shared_situation(), at)
    citizen, complaint = stage.somebody(at), stage.next_complaint()
    told = stage.say(incident, stage.voice(citizen, Channel.WHATSAPP, incident), at, complaint)
    told.change(attachments=(), kind=Kind.TEXT)
    text_first = rng.random() < 0.4
    drafts = [told] if text_first else []
    shot = at + timedelta(seconds=rng.randint(2, 20)) if text_first else at
    for n in range(5):
        moment = shot + timedelta(milliseconds=60 * n)
        image = with_picture(replace(told.said, at=moment, burst=burst, text="" if drafts else told.said.text), rng)
        drafts.append(stage.note(image, incident, complaint, "album" if drafts else "first"))
        drafts[-1].anonim, drafts[-1].rahasia = told.anonim, told.rahasia
    return drafts


def other_channel(stage: Stage) -> list[Draft]:
    """The same person about the same thing over a second channel; the phone number is on both."""
    rng, at = stage.rng, stage.moment(timedelta(hours=30))
    first = stage.channel()
    if first is None:
        return []
    situation = stage.situation(first)
    second = stage.channel([c for c in taking(situation) if c is not first])
    if second is None:
        return []
    incident, complaint = stage.incident(situation, at), stage.next_complaint()
    later = _later(stage, at, hours=24)
    citizen = stage.somebody(at, later)
    voice = stage.voice(citizen, first, incident)
    drafts = [stage.say(incident, voice, at, complaint, reachable=True)]
    fresh = draw(rng, citizen, situation)
    # Mostly the same story in another order; at times told anew.
    again = replace(fresh, plea=voice.wording.plea)
    if rng.random() < 0.7:
        again = replace(
            voice.wording, layout=fresh.layout, opening=fresh.opening, closing=fresh.closing, seed=fresh.seed
        )
    other = Voice(citizen, second, replace(again, exact=True))
    drafts.append(stage.say(incident, other, later, complaint, "other_channel", reachable=True))
    return drafts


def edited(stage: Stage) -> list[Draft]:
    """The same person on the same channel again: a correction, an addition, errors gone."""
    rng, at = stage.rng, stage.moment(timedelta(hours=24))
    channel = stage.channel()
    if channel is None:
        return []
    incident, complaint = stage.incident(stage.situation(channel), at), stage.next_complaint()
    later = _later(stage, at, hours=20)
    citizen = stage.somebody(at, later)
    voice = stage.voice(citizen, channel, incident)
    drafts = [stage.say(incident, voice, at, complaint, reachable=True)]
    wording = replace(
        voice.wording,
        seed=rng.getrandbits(32),
        extra=voice.wording.effect + 1 if rng.random() < 0.6 else -1,
        correction=channel not in _CLERKS and rng.random() < 0.3,
    )
    drafts.append(stage.say(incident, replace(voice, wording=wording), later, complaint, "edited", reachable=True))
    return drafts


def neighbours(stage: Stage) -> list[Draft]:
    """Two to five people, each in words of their own, about one incident: complaints to be linked."""
    rng, at = stage.rng, stage.moment(timedelta(hours=48))
    situation = stage.shared_situation()
    incident = stage.incident(situation, at)
    drafts = []
    for _ in range(rng.choices((2, 3, 4, 5), (5, 3, 1, 1))[0]):
        channel = stage.channel(taking(situation))
        if channel is None:
            return []
        voice = stage.voice(stage.somebody(at), channel, incident)
        drafts.append(stage.say(incident, voice, at, stage.next_complaint()))
        at = _later(stage, at, hours=12)
    return drafts


def lookalikes(stage: Stage) -> list[Draft]:
    """The same words about another street, RT, house or building: neither to be merged nor linked."""
    rng, at = stage.rng, stage.moment(timedelta(hours=30))
    channel = stage.channel()
    if channel is None:
        return []
    situation = stage.situation(channel)
    incident = stage.incident(situation, at)
    later = _later(stage, at, hours=24)
    same = situation.shared and channel not in _TIMELESS and rng.random() < 0.3
    citizen = stage.somebody(at, later) if same else stage.somebody(at)
    voice = stage.voice(citizen, channel, incident)
    voice = replace(voice, wording=replace(voice.wording, exact=True))
    copyist = citizen
    if not same:
        copyist = replace(stage.somebody(later), register=citizen.register, tint=citizen.tint, typos=citizen.typos)
    twin = stage.neighbour(incident)
    return [
        stage.say(incident, voice, at, stage.next_complaint()),
        stage.say(twin, replace(voice, citizen=copyist), later, stage.next_complaint()),
    ]


def _later(stage: Stage, at: datetime, *, hours: float) -> datetime:
    """Some time after `at`, at least twenty minutes, but before now."""
    room = max(0.0, (stage.now - at).total_seconds() - 60)
    wait = min(20 * 60 + stage.rng.random() * hours * 3600, room)
    return (at + timedelta(seconds=wait)).replace(microsecond=0)


def _chat(citizen: Citizen, channel: Channel, text: str) -> Utterance:
    return Utterance(_NEVER, channel, citizen, text=text, phone=citizen.e164)


_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
Scene = Callable[[Stage], list[Draft]]
"""A scene; empty when the channels that it needs are not in use."""
