"""Which addresses of the network may be asked for a file that a citizen's message names: public ones only."""

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HIDING = [
    ipaddress.ip_network(text)
    for text in (
        "64:ff9b::/96",  # NAT64 (RFC 6052), and its local use (RFC 8215)
        "64:ff9b:1::/48",
        "2001::/32",  # Teredo (RFC 4380)
        "2002::/16",  # 6to4 (RFC 3056)
        "fec0::/10",  # site-local, given up by RFC 3879
        "::/96",  # IPv4-compatible, given up by RFC 4291
        "192.88.99.0/24",  # 6to4 relays
    )
]
"""Behind these another address may stand, or one of our own."""


class Forbidden(Exception):
    """The address leads to where no stranger may send us; says where that is without quoting the whole."""


def is_public(text: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether an IP address may be asked: it is on the public internet, or expressly allowed."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    if any(address.version == network.version and address in network for network in allowed):
        return True
    if any(address.version == network.version and address in network for network in _HIDING):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def chosen(host: str, found: Sequence[str], allowed: Sequence[Network] = ()) -> str:
    """Of the addresses that a name resolves to, the one to connect to.

    Raises:
        Forbidden: one of them is not public. Such a name is either a mistake or a trap.
    """
    if not found:
        raise Forbidden(f'"{host}" has no address')
    if not all(is_public(each, allowed) for each in found):
        raise Forbidden(
            f'"{host}" is not on the public internet: name its address in `connectors.media.allow` if it is yours'
        )
    return min(found, key=lambda each: ":" in each)
