"""What is no ordinary complaint: automatic mail, noise, and poison that must not stop the rest."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sandbox.city.drafts import Draft
from sandbox.city.scenes import CHATS
from sandbox.city.stage import Stage, with_picture
from sandbox.city.utterances import Attachment, Channel, Kind, Location, Utterance
from sandbox.city.wording import AWAY, REACTIONS, SPAM, TESTS


def automatic(stage: Stage) -> list[Draft]:
    """A machine answers: out of office, or a bounce."""
    if not stage.has(Channel.EMAIL):
        return []
    rng, at = stage.rng, stage.moment()
    citizen = stage.somebody(at)
    back = at + timedelta(days=rng.randint(2, 14))
    if rng.random() < 0.3:
        text = f"This is the mail system. Your message to <{citizen.email}> could not be delivered: mailbox full."
        said = Utterance(
            at, Channel.EMAIL, citizen, kind=Kind.BOUNCE, text=text, subject="Undelivered Mail Returned to Sender"
        )
        return [Draft(said, "ignored:bounce", why="bounce")]
    text = rng.choice(AWAY).format(d=f"{back:%d/%m/%Y}")
    head = rng.choice(("Balasan otomatis: Laporan Anda", "Automatic reply: Laporan diterima", "Di luar kantor"))
    shape = rng.choice(("auto_submitted", "x_autoreply", "precedence"))
    said = Utterance(at, Channel.EMAIL, citizen, kind=Kind.AUTO_REPLY, text=text, subject=head, shape=shape)
    return [Draft(said, "ignored:auto_reply", why="auto_reply")]


def noise(stage: Stage) -> list[Draft]:
    """Adverts, tests, and thumbs up."""
    channel = stage.channel(CHATS)
    if channel is None:
        return []
    rng, at = stage.rng, stage.moment()
    said = Utterance(at, channel, stage.somebody(at))
    draw = rng.random()
    if draw < 0.2 and channel is Channel.WHATSAPP:
        said = replace(said, kind=Kind.REACTION, text=rng.choice(REACTIONS))
        return [Draft(said, "ignored:reaction", why="reaction")]
    if draw < 0.6:
        return [Draft(replace(said, text=rng.choice(TESTS)), "ignored:test", why="test")]
    text = rng.choice(SPAM).format(n=rng.randint(100, 9999))
    return [Draft(replace(said, text=text), "ignored:spam", why="spam")]


def _story(stage: Stage, channel: Channel, why: str) -> Draft:
    """An ordinary complaint to be spoiled."""
    at = stage.moment()
    incident = stage.incident(stage.situation(channel), at)
    citizen = stage.somebody(at)
    draft = stage.say(incident, stage.voice(citizen, channel, incident), at, stage.next_complaint())
    draft.why = why
    draft.change(attachments=(), kind=Kind.TEXT)
    return draft


def _broken(stage: Stage, channel: Channel, why: str) -> Draft:
    """Damaged so that nobody can read it: a dead letter."""
    draft = _story(stage, channel, why)
    draft.change(kind=Kind.BROKEN)
    return Draft(draft.said, "dead", why=why)


def malformed_json(stage: Stage) -> Draft:
    """A webhook of WhatsApp, rightly signed, whose JSON is cut off."""
    return _broken(stage, Channel.WHATSAPP, "malformed_json")


def malformed_desk(stage: Stage) -> Draft:
    """The hospital's JSON, cut off."""
    return _broken(stage, Channel.HOSPITAL, "malformed_desk")


def bad_row(stage: Stage) -> Draft:
    """A row of a file with too few columns."""
    return _broken(stage, Channel.SUBDISTRICT, "bad_row")


def broken_mime(stage: Stage) -> Draft:
    """A mail whose structure is damaged, but whose text can be read: a complaint all the same."""
    draft = _story(stage, Channel.EMAIL, "broken_mime")
    draft.change(kind=Kind.BROKEN)
    return draft


def nul_text(stage: Stage) -> Draft:
    """A NUL in the middle of the text."""
    draft = _story(stage, Channel.WHATSAPP, "nul_text")
    text = draft.said.text
    draft.change(text=f"{text[:12]}\0{text[12:]}\0")
    return draft


def surrogate_text(stage: Stage) -> Draft:
    """Half an emoji: a lone surrogate, as JSON escapes can carry it."""
    draft = _story(stage, Channel.WHATSAPP, "surrogate_text")
    draft.change(text=f"{draft.said.text} \ud83d")
    return draft


def long_sms(stage: Stage) -> Draft:
    """A text message of 8,000 characters."""
    draft = _story(stage, Channel.SMS, "long_sms")
    said = draft.said
    tail = f" Sudah berulang kali kami sampaikan ke RT {said.sender.rt} dan RW {said.sender.rw}, belum ada hasil."
    draft.change(text=(said.text + tail * (8_000 // len(tail) + 1))[:8_000])
    return draft


def image_only(stage: Stage) -> Draft:
    """A photo without a word."""
    draft = _story(stage, Channel.WHATSAPP, "image_only")
    draft.change(text="")
    draft.said = with_picture(draft.said, stage.rng)
    draft.region = draft.category = draft.classification = None
    draft.anonim = draft.rahasia = False
    return draft


def voice_note(stage: Stage) -> Draft:
    """A voice note: somebody has to listen."""
    draft = image_only(stage)
    recording = Attachment("audio/ogg; codecs=opus", "", stage.rng.getrandbits(32))
    draft.change(kind=Kind.AUDIO, attachments=(recording,))
    draft.why = "voice_note"
    return draft


def location_only(stage: Stage) -> Draft:
    """A pin on the map without a word."""
    draft = image_only(stage)
    spot = stage.city.spot(stage.rng, "street")
    pin = Location(spot.latitude, spot.longitude)
    draft.change(kind=Kind.LOCATION, attachments=(), location=pin)
    draft.why = "location_only"
    return draft


POISONS: tuple[tuple[Channel, Callable[[Stage], Draft]], ...] = (
    (Channel.WHATSAPP, malformed_json),
    (Channel.HOSPITAL, malformed_desk),
    (Channel.SUBDISTRICT, bad_row),
    (Channel.EMAIL, broken_mime),
    (Channel.WHATSAPP, nul_text),
    (Channel.WHATSAPP, surrogate_text),
    (Channel.SMS, long_sms),
    (Channel.WHATSAPP, image_only),
    (Channel.WHATSAPP, voice_note),
    (Channel.WHATSAPP, location_only),
)
"""All poisons with the channel that each needs; a plan takes them in turn."""
