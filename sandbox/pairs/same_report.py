"""The same person again: edited, cut, forwarded, sent over another channel, told once more."""

from collections.abc import Callable
from dataclasses import replace

from sandbox.pairs.desk import Desk, Pair, Side
from sandbox.pairs.grammar import say
from sandbox.pairs.naming import Details
from sandbox.pairs.telling import Told
from sandbox.pairs.typist import mistype
from sandbox.pairs.world import Incident, Person

_UNPLACED = 0.4
"""Share of reports that name no exact place; of real texts three quarters name no street."""
_SMS = 160
"""Characters of one SMS."""


def _pair(desk: Desk, family: str, again: Callable[[Told, Person, Incident], str] | None) -> Pair:
    """A report and another form of the same words; the very same where there is none."""
    incident = desk.world.incident()
    person = desk.world.person(incident.spot.city)
    at = desk.moment(incident)
    told = desk.teller.tell(incident, person, at, desk.wording(), _named(desk, incident))
    # Words of one person that say next to nothing say it of anything: real reports hold a fact or an effect.
    while len(told.text()) < 60:
        told = desk.teller.tell(incident, person, at, desk.wording(), _named(desk, incident))
    first = desk.teller.type(told, person, desk.rng)
    second = again(told, person, incident) if again is not None else first
    reporters = desk.one_person(person)
    return Pair(
        desk.side(first, incident.spot, at, reporters[0]),
        desk.side(second, incident.spot, at + desk.gap(), reporters[1]),
        "same_report",
        family,
    )


def _named(desk: Desk, incident: Incident) -> Details:
    """What one person names of the place: often enough nothing, or hardly more than the district."""
    wide: tuple[Details, ...] = (frozenset(), frozenset({"district"}), frozenset({"city"}), frozenset({"village"}))
    return desk.rng.choice(wide) if desk.rng.random() < _UNPLACED else desk.details(incident)


def verbatim(desk: Desk) -> Pair:
    """Word by word."""
    return _pair(desk, "verbatim", None)


def retyped(desk: Desk) -> Pair:
    """The same words typed again: other abbreviations, other typing errors."""

    def again(told: Told, person: Person, _: Incident) -> str:
        hasty = replace(person, typos=desk.rng.uniform(0.03, 0.1), manner=desk.rng.choice(("chat", "bare", "plain")))
        return desk.teller.type(told, hasty, desk.rng)

    return _pair(desk, "retyped", again)


def cut(desk: Desk) -> Pair:
    """Cut to the length of an SMS."""

    def again(told: Told, person: Person, _: Incident) -> str:
        text = desk.teller.type(told, person, desk.rng)
        return text[: min(_SMS, max(60, int(len(text) * desk.rng.uniform(0.5, 0.85))))]

    return _pair(desk, "cut", again)


def reordered(desk: Desk) -> Pair:
    """The same sentences in another order."""

    def again(told: Told, person: Person, _: Incident) -> str:
        sentences = list(told.sentences)
        while len(sentences) > 1 and tuple(sentences) == told.sentences:
            desk.rng.shuffle(sentences)
        return desk.teller.type(told.with_sentences(sentences), person, desk.rng)

    return _pair(desk, "reordered", again)


def framed(desk: Desk) -> Pair:
    """With another greeting, and a signature."""

    def again(told: Told, person: Person, incident: Incident) -> str:
        opening = say(desk.rng, desk.rng.choice(desk.words.frames.openings))
        return desk.teller.type(desk.signed(replace(told, opening=opening), person, incident.spot), person, desk.rng)

    return _pair(desk, "framed", again)


def forwarded(desk: Desk) -> Pair:
    """Forwarded or quoted, perhaps with a word before it."""

    def again(told: Told, person: Person, _: Incident) -> str:
        rng = desk.rng
        text = desk.teller.type(told, person, rng)
        if rng.random() < 0.4:
            quoted = "\n".join(f"> {line}" for line in text.replace(". ", ".\n").splitlines())
            return f"{say(rng, rng.choice(desk.words.frames.reminders))}\n{quoted}"
        return f"{say(rng, rng.choice(desk.words.frames.forwards))}\n{text}"

    return _pair(desk, "forwarded", again)


def elaborated(desk: Desk) -> Pair:
    """With more to it."""

    def again(told: Told, person: Person, incident: Incident) -> str:
        rng, sentences = desk.rng, list(told.sentences)
        more = [say(rng, effect) for effect in rng.sample(incident.trouble.effect, 1)]
        more += [say(rng, each) for each in rng.sample(desk.words.frames.additions, rng.randint(1, 2))]
        for sentence in more:
            sentences.insert(rng.randint(1, len(sentences)), sentence)
        return desk.teller.type(told.with_sentences(sentences), person, rng)

    return _pair(desk, "elaborated", again)


def shortened(desk: Desk) -> Pair:
    """With a sentence or two left out."""

    def again(told: Told, person: Person, _: Incident) -> str:
        kept = list(told.sentences)
        while len(kept) > 1 and (len(kept) == len(told.sentences) or desk.rng.random() < 0.3):
            least = desk.rng.randrange(len(kept))
            # Whoever shortens keeps where it is, and keeps something to complain of.
            if len(kept[least]) == max(map(len, kept)):
                continue
            del kept[least]
        return desk.teller.type(replace(told, opening="", sentences=tuple(kept), closing=""), person, desk.rng)

    return _pair(desk, "shortened", again)


def reminded(desk: Desk) -> Pair:
    """Again after days, since nothing happened: the old words with a reminder before them."""

    def again(told: Told, person: Person, _: Incident) -> str:
        reminder = say(desk.rng, desk.rng.choice(desk.words.frames.reminders))
        kept = told.sentences if desk.rng.random() < 0.5 else told.sentences[: max(1, len(told.sentences) - 1)]
        return desk.teller.type(replace(told, opening="", sentences=(reminder, *kept)), person, desk.rng)

    return _pair(desk, "reminded", again)


def retold(desk: Desk) -> Pair:
    """In fresh words, by a person who is known both times; nothing but the matter and the place is the same."""
    incident = desk.world.incident()
    person = desk.world.person(incident.spot.city)
    at = desk.moment(incident)
    most = max(2.0, incident.trouble.window or 14.0)
    # People name their street or building each time.
    details = [desk.details(incident) for _ in range(2)]
    later = at + desk.gap(most)
    texts = [
        desk.text(incident, person, moment, replace(desk.wording(), facts=(0, 1)), detail)
        for moment, detail in zip((at, later), details, strict=True)
    ]
    sides = [
        desk.side(text, incident.spot, moment, person.token) for text, moment in zip(texts, (at, later), strict=True)
    ]
    return Pair(sides[0], sides[1], "same_report", "retold")


def other_channel(desk: Desk) -> Pair:
    """Over another channel that knows the person by another name; the text is signed with name and number."""
    incident = desk.world.incident()
    person = desk.world.person(incident.spot.city)
    at = desk.moment(incident)
    told = desk.teller.tell(incident, person, at, desk.wording(), desk.details(incident))
    mark = f"{person.name} {person.phone}"
    signed = [replace(told, closing=mark), replace(told, closing=f"{told.closing} {mark}".strip())]
    formal = replace(person, manner=desk.rng.choice(("formal", "plain")), emoji=0.0)
    texts = [desk.teller.type(each, writer, desk.rng) for each, writer in zip(signed, (person, formal), strict=True)]
    return Pair(
        desk.side(texts[0], incident.spot, at, person.token),
        desk.side(texts[1], incident.spot, at + desk.gap(7.0), f"{desk.rng.getrandbits(48):012x}"),
        "same_report",
        "other_channel",
    )


def corrected(desk: Desk) -> Pair:
    """Corrects itself within the hour: one word of the old text was wrong, and it says so."""
    incident = desk.world.incident(desk.rng.choice(desk.words.of_scope("street")))
    person = desk.world.person(incident.spot.city)
    at, wording, details = desk.moment(incident), desk.wording(), desk.details(incident, "street", "rt")
    wrong = replace(incident, spot=replace(incident.spot, rt=incident.spot.rt % 12 + 1))
    correction = say(desk.rng, desk.rng.choice(desk.words.frames.corrections))
    first = desk.teller.tell(wrong, person, at, wording, details)
    second = desk.teller.tell(incident, person, at, wording, details)
    texts = [
        desk.teller.type(first, person, desk.rng),
        desk.teller.type(replace(second, opening="", sentences=(correction, *second.sentences)), person, desk.rng),
    ]
    later = at + desk.gap(0.1)
    return Pair(
        Side(texts[0], None, at, person.token, incident.spot.city.code),
        Side(texts[1], None, later, person.token, incident.spot.city.code),
        "same_report",
        "corrected",
    )


def typo_in_short(desk: Desk) -> Pair:
    """One line, sent twice within hours, once mistyped."""
    incident = desk.world.incident()
    person = replace(desk.world.person(incident.spot.city), typos=0.0, emoji=0.0)
    at = desk.moment(incident)
    told = desk.teller.tell(incident, person, at, desk.wording(short=True), desk.details(incident))
    first = desk.teller.type(told, person, desk.rng)
    words = first.split(" ")
    long = [n for n, word in enumerate(words) if len(word) > 5 and word.isalpha()]
    for n in desk.rng.sample(long, min(len(long), desk.rng.randint(1, 2))):
        words[n] = mistype(words[n], desk.rng)
    reporters = desk.one_person(person)
    return Pair(
        desk.side(first, incident.spot, at, reporters[0]),
        desk.side(" ".join(words), incident.spot, at + desk.gap(1.5), reporters[1]),
        "same_report",
        "typo_in_short",
    )
