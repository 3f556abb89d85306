"""Other people about the same thing at the same place, in their own words and with their own details."""

from dataclasses import replace

from sandbox.pairs.desk import Desk, Pair
from sandbox.pairs.naming import Details
from sandbox.pairs.world import Incident

_NOTHING: Details = frozenset()


def _pair(
    desk: Desk, family: str, incident: Incident, named: tuple[Details, Details], field: tuple[Details, Details]
) -> Pair:
    """Two people, two wordings. `field`: what only their address fields name."""
    first, second = (desk.world.person(incident.spot.city) for _ in range(2))
    at = desk.moment(incident)
    later = at + desk.gap(incident.trouble.window)
    texts = (
        desk.text(incident, first, at, desk.wording(short=desk.rng.random() < 0.15), named[0]),
        desk.text(incident, second, later, desk.wording(short=desk.rng.random() < 0.15), named[1]),
    )
    reporters = desk.two_speakers((first, texts[0]), (second, texts[1]))
    return Pair(
        desk.side(texts[0], incident.spot, at, reporters[0], must=field[0]),
        desk.side(texts[1], incident.spot, later, reporters[1], must=field[1]),
        "same_incident",
        family,
    )


def _on_street(desk: Desk) -> Incident:
    return desk.world.incident(desk.rng.choice([t for t in desk.words.of_scope("street") if t.window > 0]))


def street_named(desk: Desk) -> Pair:
    """Both name the street, and most of them the neighbourhood."""
    incident = _on_street(desk)
    named = (desk.details(incident, "street", "village"), desk.details(incident, "street"))
    return _pair(desk, "street_named", incident, named, (_NOTHING, _NOTHING))


def street_and_landmark(desk: Desk) -> Pair:
    """One names the street and what stands there, the other only what stands there; both the neighbourhood."""
    incident = _on_street(desk)
    named = (
        frozenset({"street", "landmark", "village"}),
        frozenset({"landmark", "village"} | ({"district"} if desk.rng.random() < 0.3 else set())),
    )
    return _pair(desk, "street_and_landmark", incident, named, (_NOTHING, _NOTHING))


def street_and_rt(desk: Desk) -> Pair:
    """One names the street and the RT, the other the RT alone; both the neighbourhood."""
    incident = _on_street(desk)
    named: tuple[Details, Details] = (frozenset({"street", "rt", "village"}), frozenset({"rt", "village"}))
    return _pair(desk, "street_and_rt", incident, named, (_NOTHING, _NOTHING))


def landmark_named(desk: Desk) -> Pair:
    """Both name what stands there, neither the street."""
    incident = _on_street(desk)
    named: tuple[Details, Details] = (frozenset({"landmark", "village"}), frozenset({"landmark", "district"}))
    return _pair(desk, "landmark_named", incident, named, (_NOTHING, _NOTHING))


def pinned(desk: Desk) -> Pair:
    """Both give a point on the map, a few dozen metres apart; one of them at least names the street too."""
    incident = _on_street(desk)
    named: tuple[Details, Details] = (frozenset({"street", "pin"}), frozenset({"pin", "village"}))
    return _pair(desk, "pinned", incident, named, (_NOTHING, _NOTHING))


def in_the_field(desk: Desk) -> Pair:
    """One names the street in the text, the other in the address field alone."""
    incident = _on_street(desk)
    named: tuple[Details, Details] = (desk.details(incident, "street", "village"), _NOTHING)
    return _pair(desk, "in_the_field", incident, named, (_NOTHING, frozenset({"street", "village"})))


def at_the_building(desk: Desk) -> Pair:
    """The same office, school, market or clinic, and the same going wrong there: both name one fact of it."""
    incident = desk.world.incident(desk.rng.choice(desk.words.of_scope("facility")))
    incident = replace(incident, facts=(incident.facts[0], incident.facts[0]))
    # A building has many troubles; only who names the same one speaks of one incident.
    named = (desk.details(incident, "facility"), desk.details(incident, "facility"))
    return _pair(desk, "at_the_building", incident, named, (_NOTHING, _NOTHING))


def all_around(desk: Desk) -> Pair:
    """A neighbourhood without water or power, or under water, at the same time."""
    incident = desk.world.incident(desk.rng.choice(desk.words.of_scope("area")))
    spot = replace(incident.spot, estate=incident.spot.estate or desk.rng.choice(desk.words.places.estates))
    incident = replace(incident, spot=spot)
    named = (desk.details(incident, "estate", "village"), desk.details(incident, "estate"))
    return _pair(desk, "all_around", incident, named, (_NOTHING, _NOTHING))


def whole_village(desk: Desk) -> Pair:
    """The same, where both name the kelurahan and at most one the RT."""
    incident = desk.world.incident(desk.rng.choice(desk.words.of_scope("area")))
    named: tuple[Details, Details] = (
        frozenset({"village", "rt"} if desk.rng.random() < 0.5 else {"village", "district"}),
        frozenset({"village"} | ({"city"} if desk.rng.random() < 0.5 else set())),
    )
    return _pair(desk, "whole_village", incident, named, (_NOTHING, _NOTHING))


def copied(desk: Desk) -> Pair:
    """A neighbour sends the same words in their own name: both are known, so it is no repeat."""
    incident = desk.world.incident(desk.rng.choice([t for t in desk.words.shared if t.scope != "facility"]))
    first, second = (desk.world.person(incident.spot.city) for _ in range(2))
    at = desk.moment(incident)
    wanted = ("street", "village") if incident.trouble.scope == "street" else ("village",)
    told = desk.teller.tell(incident, first, at, desk.wording(), desk.details(incident, *wanted))
    texts = [desk.teller.type(told, person, desk.rng) for person in (first, second)]
    later = at + desk.gap(incident.trouble.window)
    return Pair(
        desk.side(texts[0], incident.spot, at, first.token),
        desk.side(texts[1], incident.spot, later, second.token),
        "same_incident",
        "copied",
    )
