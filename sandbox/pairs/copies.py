"""Two copies of one template: forms, petitions, requests for aid, questions about a number. Never one and the same."""

from dataclasses import replace

from sandbox.pairs.desk import Desk, Pair, Side


def forms(desk: Desk) -> Pair:
    """One form filled in twice: other place, or other trouble."""
    return _filled(desk, "forms", desk.rng.choice(desk.words.frames.forms), by_place=True)


def aid_requests(desk: Desk) -> Pair:
    """Two people ask for the same aid, in the same words."""
    return _filled(desk, "aid_requests", desk.rng.choice(desk.words.frames.aid_requests), by_place=False)


def tickets(desk: Desk) -> Pair:
    """One sentence with two numbers: a ticket, a customer, a plate."""
    return _filled(desk, "tickets", desk.rng.choice(desk.words.frames.tickets), by_place=False)


def chains(desk: Desk) -> Pair:
    """A petition that is copied, each time for another neighbourhood."""
    return _filled(desk, "chains", desk.rng.choice(desk.words.frames.chains), by_place=True)


def _filled(desk: Desk, family: str, template: str, *, by_place: bool) -> Pair:
    """A template filled in by two people."""
    rng = desk.rng
    incident = desk.world.incident(desk.rng.choice(desk.words.of_scope("street")))
    other = replace(incident, spot=desk.world.another_street(incident.spot))
    if family == "chains" or not by_place:
        other = replace(incident, spot=desk.world.spot(incident.trouble, incident.spot.city))
    if family == "forms" and rng.random() < 0.4:
        other = desk.world.incident(desk.world.other(incident, ("street",)), incident.spot)
    seed, at = rng.getrandbits(32), desk.moment(incident)
    sides: list[Side] = []
    people = [desk.world.person(each.spot.city) for each in (incident, other)]
    while people[1].name == people[0].name:
        people[1] = desk.world.person(other.spot.city)
    reporters = desk.two_people(people[0], people[1])
    for each, person, moment, known in zip((incident, other), people, (at, at + desk.gap()), reporters, strict=True):
        text = desk.fill(template, each, person, seed)
        # A form's own lines stay; everything else is typed by hand.
        typed = text if family in {"forms", "chains"} else desk.teller.write(text, replace(person, typos=0.0), rng)
        sides.append(Side(typed, desk.city_field(each.spot.city.code), moment, known, each.spot.city.code))
    return Pair(sides[0], sides[1], "different", family)
