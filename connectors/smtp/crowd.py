"""Who may be connected to the mail server at a time. When there is no room for one more, whoever only sits there gives
way; a mail that is being handed over never does, as RFC 5321 4.5.3.2 gives it minutes for each step.
"""

import ipaddress
from collections.abc import Collection
from typing import Protocol


class Guest(Protocol):
    """A connection."""

    @property
    def place(self) -> str:
        """Where it comes from, as `place_of` tells."""
        ...

    @property
    def quiet_since(self) -> float:
        """When something last came from it, by the loop's clock."""
        ...

    @property
    def in_mail(self) -> bool:
        """Whether a mail is being handed over: from `MAIL FROM` until it is answered."""
        ...

    def give_way(self) -> None:
        """End it, with the word to come again."""
        ...


def place_of(address: str) -> str:
    """What counts as one sender's address: of IPv6 the network of 64 bits, which each of them has to itself."""
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


class Crowd:
    """All connections of one server."""

    def __init__(self, most: int, most_of_one: int) -> None:
        """`most`: at a time; `most_of_one`: of them, from one address."""
        self._most = most
        self._most_of_one = most_of_one
        self._guests: set[Guest] = set()

    @property
    def guests(self) -> list[Guest]:
        """Who is there."""
        return list(self._guests)

    def has_room(self, place: str) -> bool:
        """Whether one more from there can come in; somebody may have to give way for it."""
        own = [each for each in self._guests if each.place == place]
        if len(own) >= self._most_of_one and not self._make_room(own):
            return False
        return len(self._guests) < self._most or self._make_room(self._guests)

    def enter(self, guest: Guest) -> None:
        """Count it in."""
        self._guests.add(guest)

    def leave(self, guest: Guest) -> None:
        """Count it out; it may be gone already."""
        self._guests.discard(guest)

    def _make_room(self, among: Collection[Guest]) -> bool:
        idle = [each for each in among if not each.in_mail]
        if not idle:
            return False
        number: dict[str, int] = {}
        for each in self._guests:
            number[each.place] = number.get(each.place, 0) + 1
        # Of the address with the most connections, the one that has been silent for longest.
        chosen = min(idle, key=lambda each: (-number[each.place], each.quiet_since))
        self._guests.discard(chosen)
        chosen.give_way()
        return True
