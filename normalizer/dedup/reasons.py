"""Why: the facts of a comparison in words that an operator can check. No identity is ever named."""

from collections.abc import Iterator

from normalizer.dedup.conflicts import COORDINATES, HOUSE, KILOMETRE, LANDMARK, REGION, RT, RT_RW, RW, SLOT, STREET
from normalizer.dedup.features import Features
from normalizer.dedup.places import Match
from normalizer.dedup.report import Report

_RARE_NAMED = 5


def reasons(facts: Features, one: Report, other: Report) -> tuple[str, ...]:
    """The facts, conflicts first, then person, place, subject, words, time. The same whichever report is `one`."""
    return (*_conflicts(facts, one, other), *_person(facts), *_agreement(facts, one, other), *_words(facts))


def _conflicts(facts: Features, one: Report, other: Report) -> Iterator[str]:
    for name in facts.conflicts:
        if name == COORDINATES and facts.distance is not None:
            yield f"far apart: {facts.distance:.0f} m"
            continue
        values = sorted(facts.slots if name == SLOT else {_value(name, one), _value(name, other)})
        yield f"different {name}: {' / '.join(values)}" if all(values) else f"different {name}"


def _person(facts: Features) -> Iterator[str]:
    if facts.same_person:
        yield "same person"
    elif facts.different_person:
        yield "different persons"
    else:
        yield "a reporter is unknown"


def _agreement(facts: Features, one: Report, other: Report) -> Iterator[str]:
    for name in facts.places:
        if name == COORDINATES and facts.distance is not None:
            yield f"close: {facts.distance:.0f} m apart"
            continue
        yield f"same {name}: {_fuller(name, one, other)}"
    if facts.landmark is Match.AGREES:
        yield f"same landmark: {_fuller(LANDMARK, one, other)}"
    if facts.category is Match.AGREES:
        yield f"same category: {one.category}"
    elif facts.category is Match.CONFLICTS:
        yield f"different category: {' / '.join(sorted((str(one.category), str(other.category))))}"
    if facts.same_picture:
        yield "same attachment"


def _words(facts: Features) -> Iterator[str]:
    yield f"words shared: {facts.containment:.2f}"
    # A number may be somebody's, or stand for a plate or an account: that it is the same says enough.
    if said := [word for word in facts.rare_shared if not word.isdecimal()]:
        yield f"rare words shared: {', '.join(said[:_RARE_NAMED])}"
    if len(said) < len(facts.rare_shared):
        yield "rare number shared"
    if facts.both.torn:
        yield "each has words that the other lacks"
    yield f"sent {facts.days:.1f} days apart"


def _fuller(name: str, one: Report, other: Report) -> str:
    """Of one thing written in two ways, such as `melati` and `jalan melati`, the longer."""
    return max(_value(name, one), _value(name, other), key=lambda value: (len(value), value))


def _value(name: str, report: Report) -> str:
    """What a report says of one specific; "" when that is not to be shown."""
    if name == RT_RW:
        return "/".join(part for part in (report.rt, report.rw) if part)
    values: dict[str, object] = {
        REGION: report.region_code,
        STREET: report.street,
        HOUSE: report.number,
        RT: report.rt,
        RW: report.rw,
        KILOMETRE: report.kilometre,
        LANDMARK: report.landmark,
    }
    value = values.get(name)
    return "" if value is None else str(value)
