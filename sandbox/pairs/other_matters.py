"""Two matters at one place or of one person, and one matter that came back: not the same, however alike."""

from dataclasses import replace
from datetime import timedelta

from sandbox.pairs.desk import Desk, Pair
from sandbox.pairs.different import any_of, elsewhere, one_wording, two_of


def same_street_other_problem(desk: Desk) -> Pair:
    """The same street, two troubles, two people."""
    incident = desk.world.incident(any_of(desk, "street"))
    other = replace(desk.world.incident(desk.world.other(incident, ("street",)), incident.spot), began=incident.began)
    details = tuple(desk.details(each, "street", "village") for each in (incident, other))
    wordings = desk.wording(), desk.wording()
    if desk.rng.random() < 0.5:
        wordings = wordings[0], wordings[0]
    return two_of(desk, "same_street_other_problem", (incident, other), (details[0], details[1]), wordings)


def same_building_other_problem(desk: Desk) -> Pair:
    """The same school, market or clinic, another matter."""
    kinds = [t.facility for t in desk.words.of_scope("facility")]
    twice = [t for t in desk.words.of_scope("facility") if kinds.count(t.facility) > 1]
    incident = desk.world.incident(desk.rng.choice(twice))
    matters = [t for t in twice if t.facility == incident.trouble.facility and t is not incident.trouble]
    other = replace(desk.world.incident(desk.rng.choice(matters), incident.spot), began=incident.began)
    details = desk.details(incident, "facility"), desk.details(other, "facility")
    wordings = desk.wording(), desk.wording()
    return two_of(desk, "same_building_other_problem", (incident, other), details, wordings)


def second_trouble(desk: Desk) -> Pair:
    """The same person, a second trouble, the same street or home."""
    incident = desk.world.incident(any_of(desk, "street", "area", "person"))
    other = replace(
        desk.world.incident(desk.world.other(incident, ("street", "area", "person")), incident.spot),
        began=incident.began,
    )
    details = desk.details(incident) - {"pin"}, desk.details(other) - {"pin"}
    wording = desk.wording()
    wordings = (wording, wording if desk.rng.random() < 0.4 else desk.wording())
    return two_of(desk, "second_trouble", (incident, other), details, wordings, one_person=True)


def second_place(desk: Desk) -> Pair:
    """The same person, the same trouble, on a second street."""
    incident = desk.world.incident(any_of(desk, "street"))
    other = elsewhere(incident, desk.world.another_street(incident.spot))
    details = desk.details(incident, "street") - {"pin"}
    wordings = one_wording(desk) if desk.rng.random() < 0.7 else (desk.wording(), desk.wording())
    return two_of(desk, "second_place", (incident, other), (details, details), wordings, one_person=True)


def after_window(desk: Desk) -> Pair:
    """The same place and trouble, but so much later that it must have happened again."""
    incident = desk.world.incident(desk.rng.choice(desk.words.shared))
    later = timedelta(days=incident.trouble.window * 2 + desk.rng.uniform(25, 90))
    other = replace(incident, began=incident.began + later, facts=(incident.facts[1], incident.facts[0]))
    first, second = (desk.world.person(incident.spot.city) for _ in range(2))
    wanted = {"street": "street", "facility": "facility"}.get(incident.trouble.scope, "village")
    details = tuple(desk.details(incident, wanted) for _ in range(2))
    wordings = one_wording(desk) if desk.rng.random() < 0.3 else (desk.wording(), desk.wording())
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


def unrelated(desk: Desk) -> Pair:
    """Two troubles of one city that have nothing in common."""
    incident = desk.world.incident()
    other = desk.world.incident(desk.world.other(incident, ("street", "area", "facility", "person")))
    spot = desk.world.spot(other.trouble, incident.spot.city)
    other = replace(other, spot=spot, began=incident.began)
    wordings = desk.wording(), desk.wording()
    return two_of(desk, "unrelated", (incident, other), (desk.details(incident), desk.details(other)), wordings)
