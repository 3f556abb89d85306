"""From which addresses a source takes requests, for providers that sign nothing.

The address is that of the connection. Behind proxies that the operator trusts it is what they say: read from the right
of `X-Forwarded-For`, past every trusted proxy, to the first address that none of ours wrote. Whatever stands to the
left of that is the sender's own invention.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

from connectors.source import Source

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class BadAllowList(ValueError):
    """The setting `allow` of a source names something that is no address or network."""


def allow_list(source: Source) -> tuple[Network, ...] | None:
    """The networks of the setting `allow`, an address or a list of them; None where everybody may come.

    Raises:
        BadAllowList: see the class. Such a source takes nothing, rather than everything.
    """
    given = source.options.get("allow")
    if given is None:
        return None
    entries = given if isinstance(given, list | tuple) else [given]
    try:
        return tuple(ip_network(str(entry).strip(), strict=False) for entry in entries)
    except ValueError as error:
        raise BadAllowList(
            f'source "{source.id}": `allow` lists addresses such as 203.0.113.7 or 203.0.113.0/24: {error}'
        ) from None


def is_allowed(source: Source, request: Request, trusted_proxies: Collection[Network]) -> bool:
    """Whether the request comes from an address that the source takes.

    Raises:
        BadAllowList: the list cannot be read.
    """
    allowed = allow_list(source)
    if allowed is None:
        return True
    address = client_address(request, trusted_proxies)
    return address is not None and _within(address, allowed)


def client_address(request: Request, trusted_proxies: Collection[Network]) -> Address | None:
    """Who sent the request, as far as it can be known; None when a trusted proxy does not tell, or tells no address."""
    found = _address(request.client.host if request.client else "")
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    while found is not None and _within(found, trusted_proxies):
        if not forwarded or not forwarded[-1].strip():
            return None
        found = _address(forwarded.pop())
    return found


def _within(address: Address, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)


def _address(text: str) -> Address | None:
    """An address, without the port that some proxies append; a mapped IPv4 address is the IPv4 address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
