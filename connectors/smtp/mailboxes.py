"""Which source a recipient's address belongs to."""

from collections.abc import Iterable

from connectors.source import Source


class AddressTaken(ValueError):
    """Two sources claim one address, or both claim to be the default."""


class Mailboxes:
    """Sources by recipient. A source says `address: …` or `addresses: […]`, or `default: true` to take the rest."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._by_address: dict[str, Source] = {}
        self._default: Source | None = None
        for source in sources:
            self._add(source)

    def find(self, recipient: str) -> Source | None:
        """The source of an address, whatever its case; `name+tag@…` belongs to `name@…`. None when nobody takes it."""
        address = recipient.strip().casefold()
        local, at, domain = address.rpartition("@")
        without_tag = local.split("+", 1)[0] + at + domain
        return self._by_address.get(address) or self._by_address.get(without_tag) or self._default

    def _add(self, source: Source) -> None:
        options = source.options
        addresses = options.get("addresses") or options.get("address") or []
        for address in [addresses] if isinstance(addresses, str) else addresses:
            other = self._by_address.setdefault(str(address).strip().casefold(), source)
            if other is not source:
                raise AddressTaken(f'sources "{other.id}" and "{source.id}" both take {address}: give each its own')
        if options.get("default"):
            if self._default is not None:
                raise AddressTaken(f'sources "{self._default.id}" and "{source.id}" are both `default`: leave one')
            self._default = source
