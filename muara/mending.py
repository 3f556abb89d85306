"""What went wrong, in words for whoever can mend it. Imported when something did: it knows every room's errors."""

import errno

from connectors.checks import BadSources
from connectors.installed import BadTransport
from connectors.smtp.receiver import PortUnavailable
from dispatcher.hub import BadHub
from muara.ground import HomeUnusable
from normalizer.understanding.tables import RulesError
from recipes.document import DocumentError
from runtime.bus.protocol import BusUnavailable
from runtime.http import CannotListen
from runtime.objects.protocol import ObjectsUnavailable
from runtime.sealing.protocol import SealingError
from runtime.store.engine import StoreUnavailable

_MENDABLE = (
    BadHub,
    BadSources,
    BadTransport,
    BusUnavailable,
    CannotListen,
    DocumentError,
    HomeUnusable,
    ObjectsUnavailable,
    PortUnavailable,
    RulesError,
    SealingError,
    StoreUnavailable,
)
"""What a person can mend: said in words, without a traceback."""


def remedy(error: Exception) -> str | None:
    """What is wrong and what to do, when a person can mend it; None for a fault of our own."""
    if isinstance(error, _MENDABLE):
        return str(error)
    return _explained(error) if isinstance(error, OSError) else None


_REMEDIES = {
    errno.EACCES: "give this user the right to read and write there",
    errno.EPERM: "give this user the right to read and write there",
    errno.EROFS: "the disk is mounted read-only: mount it for writing, or name a home elsewhere",
    errno.ENOSPC: "the disk is full: free some space; nothing accepted so far is lost",
    errno.EDQUOT: "this user's share of the disk is full: free some space; nothing accepted so far is lost",
    errno.ENOTDIR: "a part of this path is a file: name a folder",
    errno.EISDIR: "this is a folder: name a file",
    errno.ENOENT: "make it, or correct the path",
}


def _explained(error: OSError) -> str:
    words = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
    remedy = _REMEDIES.get(error.errno or 0)
    return f"{words}; {remedy}" if remedy else words
