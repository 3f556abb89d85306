"""Which families there are, and how pairs are drawn of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from sandbox.pairs import copies, different, other_matters, same_incident, same_report
from sandbox.pairs.desk import Desk, Label, Pair
from sandbox.pairs.vocabulary import SetName, load


class Family(NamedTuple):
    """One construction of pairs."""

    label: Label
    weight: int
    """Its share among all families."""
    draw: Callable[[Desk], Pair]


FAMILIES: dict[str, Family] = {
    "verbatim": Family("same_report", 3, same_report.verbatim),
    "retyped": Family("same_report", 4, same_report.retyped),
    "cut": Family("same_report", 3, same_report.cut),
    "reordered": Family("same_report", 3, same_report.reordered),
    "framed": Family("same_report", 3, same_report.framed),
    "forwarded": Family("same_report", 3, same_report.forwarded),
    "elaborated": Family("same_report", 3, same_report.elaborated),
    "shortened": Family("same_report", 3, same_report.shortened),
    "reminded": Family("same_report", 3, same_report.reminded),
    "retold": Family("same_report", 3, same_report.retold),
    "other_channel": Family("same_report", 2, same_report.other_channel),
    "corrected": Family("same_report", 1, same_report.corrected),
    "typo_in_short": Family("same_report", 2, same_report.typo_in_short),
    "street_named": Family("same_incident", 6, same_incident.street_named),
    "street_and_landmark": Family("same_incident", 4, same_incident.street_and_landmark),
    "street_and_rt": Family("same_incident", 3, same_incident.street_and_rt),
    "landmark_named": Family("same_incident", 3, same_incident.landmark_named),
    "pinned": Family("same_incident", 3, same_incident.pinned),
    "in_the_field": Family("same_incident", 4, same_incident.in_the_field),
    "at_the_building": Family("same_incident", 5, same_incident.at_the_building),
    "all_around": Family("same_incident", 3, same_incident.all_around),
    "whole_village": Family("same_incident", 2, same_incident.whole_village),
    "copied": Family("same_incident", 2, same_incident.copied),
    "template_other_street": Family("different", 5, different.template_other_street),
    "own_words_other_street": Family("different", 3, different.own_words_other_street),
    "same_village": Family("different", 4, different.same_village),
    "field_other_street": Family("different", 3, different.field_other_street),
    "other_number": Family("different", 4, different.other_number),
    "numbered_street": Family("different", 3, different.numbered_street),
    "other_block": Family("different", 2, different.other_block),
    "no_place": Family("different", 3, different.no_place),
    "opposite_direction": Family("different", 2, different.opposite_direction),
    "same_street_other_problem": Family("different", 4, other_matters.same_street_other_problem),
    "same_building_other_problem": Family("different", 3, other_matters.same_building_other_problem),
    "second_trouble": Family("different", 4, other_matters.second_trouble),
    "second_place": Family("different", 3, other_matters.second_place),
    "after_window": Family("different", 3, other_matters.after_window),
    "landmark_other_city": Family("different", 3, different.landmark_other_city),
    "forms": Family("different", 3, copies.forms),
    "aid_requests": Family("different", 2, copies.aid_requests),
    "tickets": Family("different", 2, copies.tickets),
    "chains": Family("different", 2, copies.chains),
    "unrelated": Family("different", 3, other_matters.unrelated),
}


def draw(name: SetName, count: int, seed: int) -> Iterator[Pair]:
    """So many pairs of a set, shuffled over all families by their weights. The same arguments give the same pairs.

    Raises:
        ValueError: `count` is below 1.
    """
    if count < 1:
        raise ValueError(f"{count} pairs: ask for 1 or more")
    desk = Desk(load(name), seed)
    total = sum(family.weight for family in FAMILIES.values())
    # Each family its share, not its luck: two runs of one size measure the same mixture.
    shares = [(family, count * family.weight / total) for family in FAMILIES.values()]
    order = [family for family, share in shares for _ in range(int(share))]
    order += desk.rng.choices([f for f, _ in shares], [f.weight for f, _ in shares], k=count - len(order))
    desk.rng.shuffle(order)
    for family in order:
        pair = family.draw(desk)
        yield replace(pair, a=pair.b, b=pair.a) if desk.rng.random() < 0.5 else pair
