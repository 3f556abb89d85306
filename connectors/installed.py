"""Transports that other packages bring, by entry points of the group `muara.transports`.

The name of an entry point is what recipes write under `receive.transport`; it points to an object of the protocol
`connectors.transports.Transport`.
"""

from collections.abc import Collection, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who only looks for folders need not import all that a transport stands on
    from connectors.transports import Transport

GROUP = "muara.transports"
OWN = ("webhook", "smtp", "files", "sql", "rest", "imap", "kafka", "smpp")
"""The transports that Muara brings."""


class BadTransport(Exception):
    """A package brings a transport that cannot be used; says which, why, and what to do."""


class TransportNames(Collection[str]):
    """Our own and those that are installed, looked up each time."""

    def __iter__(self) -> Iterator[str]:
        return iter((*OWN, *sorted(_entries())))

    def __contains__(self, name: object) -> bool:
        return name in OWN or name in _entries()

    def __len__(self) -> int:
        return len(OWN) + len(_entries())


def installed() -> dict[str, "Transport"]:
    """The transports of other packages, by name.

    Raises:
        BadTransport: one cannot be imported, or is none.
    """
    return {name: _load(entry) for name, entry in sorted(_entries().items())}


def recipe_folders() -> list[Path]:
    """Where the installed transports have their recipes.

    Raises:
        BadTransport: see `installed`.
    """
    return [folder for transport in installed().values() if (folder := transport.channels) is not None]


def _entries() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in OWN}


def _load(entry: EntryPoint) -> "Transport":
    package = entry.dist.name if entry.dist is not None else entry.value
    try:
        found = entry.load()
    except Exception as error:
        words = f'the transport "{entry.name}" of {package} cannot be loaded ({type(error).__name__}: {error})'
        raise BadTransport(f"{words}: correct or remove that package") from error
    if not all(hasattr(found, part) for part in ("channels", "faults", "serve")):
        raise BadTransport(
            f'the transport "{entry.name}" of {package} has no `channels`, `faults` or `serve`: let its entry point'
            " name an object as docs/transports.md describes"
        )
    transport: Transport = found
    return transport
