"""What looks like one and is two: one wording of two places, one place with two troubles, forms, petitions.

The time between the two, the length and the order are drawn as for duplicates, so that none of them gives it away.
"""

from dataclasses import replace
from datetime import timedelta

from sandbox.pairs.desk import Desk, Pair
from sandbox.pairs.naming import Details
from sandbox.pairs.telling import Wording
from sandbox.pairs.vocabulary import Trouble
from sandbox.pairs.world import Incident, Spot

_NOTHING: Details = frozenset()
_NUMBERED = ("{} 1", "{} 2", "{} 3", "{} I", "{} II", "{} III", "{} Utara", "{} Selatan", "{} Dalam")


def _of(desk: Desk, *scopes: str) -> Trouble:
    return desk.rng.choice(desk.words.of_scope(*scopes))


def _pair(
    desk: Desk,
    family: str,
    incidents: tuple[Incident, Incident],
    details: tuple[Details, Details],
    wordings: tuple[Wording, Wording],
    *,
    one_person: bool = False,
) -> Pair:
    """Two incidents, by two people or one, within the time of duplicates."""
    first = desk.world.person(incidents[0].spot.city)
    second = first if one_person else desk.world.person(incidents[1].spot.city)
    at = desk.moment(incidents[0])
    later = at + desk.gap()
    texts = (
        desk.text(incidents[0], first, at, wordings[0], details[0]),
        desk.text(incidents[1], second, later, wordings[1], details[1]),
    )
    reporters = (first.token, first.token) if one_person else desk.two_people(first, second)
    # A street that only the text names is beyond doubt; an address field may repeat it.
    return Pair(
        desk.side(texts[0], incidents[0].spot, at, reporters[0]),
        desk.side(texts[1], incidents[1].spot, later, reporters[1]),
        "different",
        family,
    )


def _alike(desk: Desk) -> tuple[Wording, Wording]:
    wording = desk.wording(short=desk.rng.random() < 0.15)
    return wording, wording


def _elsewhere(incident: Incident, spot: Spot) -> Incident:
    return replace(incident, spot=spot)


def _with_city(desk: Desk, pair: Pair) -> Pair:
    """Address fields that name the city at most: the exact place is told in the text, or not at all."""
    a, b = (replace(side, place=desk.city_field(side.city)) for side in (pair.a, pair.b))
    return replace(pair, a=a, b=b)


def template_other_street(desk: Desk) -> Pair:
    """The same words, another street of the same neighbourhood."""
    incident = desk.world.incident(_of(desk, "street"))
    details = desk.details(incident, "street") - {"pin"}
    other = _elsewhere(incident, desk.world.another_street(incident.spot))
    return _pair(desk, "template_other_street", (incident, other), (details, details), _alike(desk))


def own_words_other_street(desk: Desk) -> Pair:
    """The same trouble in other words, on another street of the same neighbourhood."""
    incident = desk.world.incident(_of(desk, "street"))
    other = _elsewhere(incident, desk.world.another_street(incident.spot))
    details = tuple(desk.details(incident, "street", "village") - {"pin"} for _ in range(2))
    wordings = desk.wording(), desk.wording()
    return _pair(desk, "own_words_other_street", (incident, other), (details[0], details[1]), wordings)


def same_village(desk: Desk) -> Pair:
    """The same trouble in one kelurahan at two spots: one names its street, the other what stands at its own."""
    incident = desk.world.incident(_of(desk, "street"))
    spot = replace(desk.world.another_street(incident.spot), rt=incident.spot.rt % 12 + 3)
    other = _elsewhere(incident, spot)
    details: tuple[Details, Details] = (
        frozenset({"street", "village", *(("rt",) if desk.rng.random() < 0.2 else ())}),
        frozenset({"landmark", "village"} if desk.rng.random() < 0.7 else {"village", "rt"}),
    )
    return _with_city(desk, _pair(desk, "same_village", (incident, other), details, (desk.wording(), desk.wording())))


def field_other_street(desk: Desk) -> Pair:
    """The same words; only the address fields tell the streets apart."""
    incident = desk.world.incident(_of(desk, "street"))
    other = _elsewhere(incident, desk.world.another_street(incident.spot))
    first, second = (desk.world.person(incident.spot.city) for _ in range(2))
    at, wordings = desk.moment(incident), _alike(desk)
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
    return _pair(desk, "other_number", (incident, _elsewhere(incident, other)), (details, details), _alike(desk))


def other_block(desk: Desk) -> Pair:
    """The same estate, another block."""
    incident = desk.world.incident(_of(desk, "street"))
    spot, rng = incident.spot, desk.rng
    estate = rng.choice(desk.words.places.estates)
    blocks = rng.sample([f"{letter}{number}" for letter in "ABCDEFGH" for number in ("", 1, 2, 5, 7, 12)], 2)
    word = rng.choice(("Blok", "blok", "Blk"))
    incidents = [_elsewhere(incident, replace(spot, estate=f"{estate} {word} {block}")) for block in blocks]
    details: Details = frozenset({"estate", *(("village",) if rng.random() < 0.5 else ())})
    wordings = _alike(desk) if rng.random() < 0.6 else (desk.wording(), desk.wording())
    return _with_city(desk, _pair(desk, "other_block", (incidents[0], incidents[1]), (details, details), wordings))


def no_place(desk: Desk) -> Pair:
    """The same trouble in other words, and no place that anybody could find: one city has many of these."""
    incident = desk.world.incident(_of(desk, "street", "area", "facility"))
    trouble = incident.trouble
    other = replace(desk.world.incident(trouble, desk.world.spot(trouble, incident.spot.city)), began=incident.began)
    wide: tuple[Details, ...] = (_NOTHING, frozenset({"city"}), _NOTHING)
    details = desk.rng.choice(wide), desk.rng.choice(wide)
    return _with_city(desk, _pair(desk, "no_place", (incident, other), details, (desk.wording(), desk.wording())))


def numbered_street(desk: Desk) -> Pair:
    """`Jalan Melati 1` against `Jalan Melati 2`."""
    incident = desk.world.incident(_of(desk, "street"))
    spot = replace(incident.spot, kilometre=0)
    one, two = desk.rng.sample(_NUMBERED, 2)
    incidents = tuple(_elsewhere(incident, replace(spot, street=form.format(spot.street))) for form in (one, two))
    details = desk.details(incident, "street") - {"pin", "landmark", "rt"}
    wordings = _alike(desk) if desk.rng.random() < 0.6 else (desk.wording(), desk.wording())
    return _pair(desk, "numbered_street", (incidents[0], incidents[1]), (details, details), wordings)


def opposite_direction(desk: Desk) -> Pair:
    """The same road, the other way."""
    fitting = [trouble for trouble in desk.words.of_scope("street") if trouble.directed]
    incident = desk.world.incident(desk.rng.choice(fitting))
    one, two = desk.rng.sample(desk.words.places.towards, 2)
    incidents = tuple(_elsewhere(incident, replace(incident.spot, towards=way)) for way in (one, two))
    details = desk.details(incident, "street", "towards") - {"pin", "landmark", "rt"}
    return _pair(desk, "opposite_direction", (incidents[0], incidents[1]), (details, details), _alike(desk))


def same_street_other_problem(desk: Desk) -> Pair:
    """The same street, two troubles, two people."""
    incident = desk.world.incident(_of(desk, "street"))
    other = replace(desk.world.incident(desk.world.other(incident, ("street",)), incident.spot), began=incident.began)
    details = tuple(desk.details(each, "street", "village") for each in (incident, other))
    wordings = desk.wording(), desk.wording()
    if desk.rng.random() < 0.5:
        wordings = wordings[0], wordings[0]
    return _pair(desk, "same_street_other_problem", (incident, other), (details[0], details[1]), wordings)


def same_building_other_problem(desk: Desk) -> Pair:
    """The same school, market or clinic, another matter."""
    kinds = [t.facility for t in desk.words.of_scope("facility")]
    twice = [t for t in desk.words.of_scope("facility") if kinds.count(t.facility) > 1]
    incident = desk.world.incident(desk.rng.choice(twice))
    matters = [t for t in twice if t.facility == incident.trouble.facility and t is not incident.trouble]
    other = replace(desk.world.incident(desk.rng.choice(matters), incident.spot), began=incident.began)
    details = desk.details(incident, "facility"), desk.details(other, "facility")
    wordings = desk.wording(), desk.wording()
    return _pair(desk, "same_building_other_problem", (incident, other), details, wordings)


def second_trouble(desk: Desk) -> Pair:
    """The same person, a second trouble, the same street or home."""
    incident = desk.world.incident(_of(desk, "street", "area", "person"))
    other = replace(
        desk.world.incident(desk.world.other(incident, ("street", "area", "person")), incident.spot),
        began=incident.began,
    )
    details = desk.details(incident) - {"pin"}, desk.details(other) - {"pin"}
    wording = desk.wording()
    wordings = (wording, wording if desk.rng.random() < 0.4 else desk.wording())
    return _pair(desk, "second_trouble", (incident, other), details, wordings, one_person=True)


def second_place(desk: Desk) -> Pair:
    """The same person, the same trouble, on a second street."""
    incident = desk.world.incident(_of(desk, "street"))
    other = _elsewhere(incident, desk.world.another_street(incident.spot))
    details = desk.details(incident, "street") - {"pin"}
    wordings = _alike(desk) if desk.rng.random() < 0.7 else (desk.wording(), desk.wording())
    return _pair(desk, "second_place", (incident, other), (details, details), wordings, one_person=True)


def after_window(desk: Desk) -> Pair:
    """The same place and trouble, but so much later that it must have happened again."""
    incident = desk.world.incident(desk.rng.choice(desk.words.shared))
    later = timedelta(days=incident.trouble.window * 2 + desk.rng.uniform(25, 90))
    other = replace(incident, began=incident.began + later, facts=(incident.facts[1], incident.facts[0]))
    first, second = (desk.world.person(incident.spot.city) for _ in range(2))
    wanted = {"street": "street", "facility": "facility"}.get(incident.trouble.scope, "village")
    details = tuple(desk.details(incident, wanted) for _ in range(2))
    wordings = _alike(desk) if desk.rng.random() < 0.3 else (desk.wording(), desk.wording())
    moments = desk.moment(incident), desk.moment(other)
    texts = (
        desk.text(incident, first, moments[0], wordings[0], details[0]),
        desk.text(other, second, moments[1], wordings[1], details[1]),
    )
    reporters = desk.two_people(first, second)
    sides = (
        desk.side(texts[0], incident.spot, moments[0], reporters[0]),
        desk.side(texts[1], other.spot, moments[1], reporters[1]),
    )
    return Pair(*sides, "different", "after_window")


def landmark_other_city(desk: Desk) -> Pair:
    """The same name of a street or building, in two cities; each text or field names its own."""
    incident = desk.world.incident(_of(desk, "street"))
    city = desk.world.city(besides=incident.spot.city)
    elsewhere = desk.world.spot(incident.trouble, city)
    twin = replace(elsewhere, street=incident.spot.street, landmark=incident.spot.landmark, rt=incident.spot.rt)
    name = desk.rng.choice(("street", "landmark"))
    details: Details = frozenset({name, "city", *(("village",) if desk.rng.random() < 0.5 else ())})
    incidents = incident, _elsewhere(incident, replace(twin, kilometre=incident.spot.kilometre))
    return _pair(desk, "landmark_other_city", incidents, (details, details), _alike(desk))


def unrelated(desk: Desk) -> Pair:
    """Two troubles of one city that have nothing in common."""
    incident = desk.world.incident()
    other = desk.world.incident(desk.world.other(incident, ("street", "area", "facility", "person")))
    spot = desk.world.spot(other.trouble, incident.spot.city)
    other = replace(other, spot=spot, began=incident.began)
    wordings = desk.wording(), desk.wording()
    return _pair(desk, "unrelated", (incident, other), (desk.details(incident), desk.details(other)), wordings)
