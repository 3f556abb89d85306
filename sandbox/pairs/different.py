"""What looks like one and is two: one wording, or one trouble, at two places.

The time between the two, the length and the order are drawn as for duplicates, so that none of them gives it away.
"""

from dataclasses import replace

from sandbox.pairs.desk import Desk, Pair, Reporters
from sandbox.pairs.naming import Details
from sandbox.pairs.telling import Wording
from sandbox.pairs.vocabulary import Trouble
from sandbox.pairs.world import Incident, Spot

_NOTHING: Details = frozenset()
_NUMBERED = ("{} 1", "{} 2", "{} 3", "{} I", "{} II", "{} III", "{} Utara", "{} Selatan", "{} Dalam")


def any_of(desk: Desk, *scopes: str) -> Trouble:
    """Any trouble of these scopes."""
    return desk.rng.choice(desk.words.of_scope(*scopes))


def two_of(
    desk: Desk,
    family: str,
    incidents: tuple[Incident, Incident],
    details: tuple[Details, Details],
    wordings: tuple[Wording, Wording],
    *,
    one_person: bool = False,
    told_apart: bool = True,
) -> Pair:
    """Two incidents, by two people or one, within the time of duplicates.

    `told_apart`: whether place or matter tells them apart; else the people must, where their words are alike.
    """
    first = desk.world.person(incidents[0].spot.city)
    second = first if one_person else desk.world.person(incidents[1].spot.city)
    at = desk.moment(incidents[0])
    later = at + desk.gap()
    texts = (
        desk.text(incidents[0], first, at, wordings[0], details[0]),
        desk.text(incidents[1], second, later, wordings[1], details[1]),
    )
    if one_person:
        reporters: Reporters = (first.token, first.token)
    elif told_apart:
        reporters = desk.two_people(first, second)
    else:
        reporters = desk.two_speakers((first, texts[0]), (second, texts[1]))
    return Pair(
        desk.side(texts[0], incidents[0].spot, at, reporters[0]),
        desk.side(texts[1], incidents[1].spot, later, reporters[1]),
        "different",
        family,
    )


def one_wording(desk: Desk) -> tuple[Wording, Wording]:
    """The same wording for both."""
    wording = desk.wording(short=desk.rng.random() < 0.15)
    return wording, wording


def elsewhere(incident: Incident, spot: Spot) -> Incident:
    """The same, at another spot."""
    return replace(incident, spot=spot)


def _with_city(desk: Desk, pair: Pair) -> Pair:
    """Address fields that name the city at most: the exact place is told in the text, or not at all."""
    a, b = (replace(side, place=desk.city_field(side.city)) for side in (pair.a, pair.b))
    return replace(pair, a=a, b=b)


def template_other_street(desk: Desk) -> Pair:
    """The same words, another street of the same neighbourhood."""
    incident = desk.world.incident(any_of(desk, "street"))
    details = desk.details(incident, "street") - {"pin"}
    other = elsewhere(incident, desk.world.another_street(incident.spot))
    return two_of(desk, "template_other_street", (incident, other), (details, details), one_wording(desk))


def own_words_other_street(desk: Desk) -> Pair:
    """The same trouble in other words, on another street of the same neighbourhood."""
    incident = desk.world.incident(any_of(desk, "street"))
    other = elsewhere(incident, desk.world.another_street(incident.spot))
    details = tuple(desk.details(incident, "street", "village") - {"pin"} for _ in range(2))
    wordings = desk.wording(), desk.wording()
    return two_of(desk, "own_words_other_street", (incident, other), (details[0], details[1]), wordings)


def same_village(desk: Desk) -> Pair:
    """The same trouble in one kelurahan at two spots: one names its street, the other what stands at its own."""
    incident = desk.world.incident(any_of(desk, "street"))
    spot = replace(desk.world.another_street(incident.spot), rt=incident.spot.rt % 12 + 3)
    other = elsewhere(incident, spot)
    details: tuple[Details, Details] = (
        frozenset({"street", "village", *(("rt",) if desk.rng.random() < 0.2 else ())}),
        frozenset({"landmark", "village"} if desk.rng.random() < 0.7 else {"village", "rt"}),
    )
    wordings = desk.wording(), desk.wording()
    return _with_city(desk, two_of(desk, "same_village", (incident, other), details, wordings, told_apart=False))


def field_other_street(desk: Desk) -> Pair:
    """The same words; only the address fields tell the streets apart."""
    incident = desk.world.incident(any_of(desk, "street"))
    other = elsewhere(incident, desk.world.another_street(incident.spot))
    first, second = (desk.world.person(incident.spot.city) for _ in range(2))
    at, wordings = desk.moment(incident), one_wording(desk)
    later, must = at + desk.gap(), frozenset({"street", "village"})
    texts = (
        desk.text(incident, first, at, wordings[0], _NOTHING),
        desk.text(other, second, later, wordings[1], _NOTHING),
    )
    reporters = desk.two_people(first, second)
    sides = (
        desk.side(texts[0], incident.spot, at, reporters[0], must=must),
        desk.side(texts[1], other.spot, later, reporters[1], must=must),
    )
    return Pair(*sides, "different", "field_other_street")


def other_number(desk: Desk) -> Pair:
    """The same street, another house, RT or kilometre: the number alone tells them apart."""
    fitting = [trouble for trouble in desk.words.of_scope("street") if trouble.numbered or trouble.kilometre]
    incident = desk.world.incident(desk.rng.choice(fitting))
    spot = incident.spot
    if spot.kilometre:
        named = {"street", "kilometre"}
        other = replace(spot, kilometre=spot.kilometre + desk.rng.randint(2, 25))
    elif desk.rng.random() < 0.5:
        named = {"street", "number"}
        other = replace(spot, number=spot.number + desk.rng.randint(20, 90))
    else:
        named = {"street", "rt"}
        other = replace(spot, rt=spot.rt % 12 + desk.rng.randint(1, 4), number=spot.number + 40)
    details = frozenset(named | {"village"})
    return two_of(desk, "other_number", (incident, elsewhere(incident, other)), (details, details), one_wording(desk))


def other_block(desk: Desk) -> Pair:
    """The same estate, another block."""
    incident = desk.world.incident(any_of(desk, "street"))
    spot, rng = incident.spot, desk.rng
    estate = rng.choice(desk.words.places.estates)
    blocks = rng.sample([f"{letter}{number}" for letter in "ABCDEFGH" for number in ("", 1, 2, 5, 7, 12)], 2)
    word = rng.choice(("Blok", "blok", "Blk"))
    incidents = [elsewhere(incident, replace(spot, estate=f"{estate} {word} {block}")) for block in blocks]
    details: Details = frozenset({"estate", *(("village",) if rng.random() < 0.5 else ())})
    wordings = one_wording(desk) if rng.random() < 0.6 else (desk.wording(), desk.wording())
    return _with_city(desk, two_of(desk, "other_block", (incidents[0], incidents[1]), (details, details), wordings))


def no_place(desk: Desk) -> Pair:
    """The same trouble in other words, and no place that anybody could find: one city has many of these."""
    incident = desk.world.incident(any_of(desk, "street", "area", "facility"))
    trouble = incident.trouble
    other = replace(desk.world.incident(trouble, desk.world.spot(trouble, incident.spot.city)), began=incident.began)
    wide: tuple[Details, ...] = (_NOTHING, frozenset({"city"}), _NOTHING)
    details = desk.rng.choice(wide), desk.rng.choice(wide)
    wordings = desk.wording(), desk.wording()
    return _with_city(desk, two_of(desk, "no_place", (incident, other), details, wordings, told_apart=False))


def numbered_street(desk: Desk) -> Pair:
    """`Jalan Melati 1` against `Jalan Melati 2`."""
    incident = desk.world.incident(any_of(desk, "street"))
    spot = replace(incident.spot, kilometre=0)
    one, two = desk.rng.sample(_NUMBERED, 2)
    incidents = tuple(elsewhere(incident, replace(spot, street=form.format(spot.street))) for form in (one, two))
    details = desk.details(incident, "street") - {"pin", "landmark", "rt"}
    wordings = one_wording(desk) if desk.rng.random() < 0.6 else (desk.wording(), desk.wording())
    return two_of(desk, "numbered_street", (incidents[0], incidents[1]), (details, details), wordings)


def opposite_direction(desk: Desk) -> Pair:
    """The same road, the other way."""
    fitting = [trouble for trouble in desk.words.of_scope("street") if trouble.directed]
    incident = desk.world.incident(desk.rng.choice(fitting))
    one, two = desk.rng.sample(desk.words.places.towards, 2)
    incidents = tuple(elsewhere(incident, replace(incident.spot, towards=way)) for way in (one, two))
    details = desk.details(incident, "street", "towards") - {"pin", "landmark", "rt"}
    return two_of(desk, "opposite_direction", (incidents[0], incidents[1]), (details, details), one_wording(desk))


def landmark_other_city(desk: Desk) -> Pair:
    """The same name of a street or building, in two cities; each text or field names its own."""
    incident = desk.world.incident(any_of(desk, "street"))
    city = desk.world.city(besides=incident.spot.city)
    there = desk.world.spot(incident.trouble, city)
    twin = replace(there, street=incident.spot.street, landmark=incident.spot.landmark, rt=incident.spot.rt)
    name = desk.rng.choice(("street", "landmark"))
    details: Details = frozenset({name, "city", *(("village",) if desk.rng.random() < 0.5 else ())})
    incidents = incident, elsewhere(incident, replace(twin, kilometre=incident.spot.kilometre))
    return two_of(desk, "landmark_other_city", incidents, (details, details), one_wording(desk))
