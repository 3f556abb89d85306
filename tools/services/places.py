"""Where things lie: downloads once per user, servers and their data below the clone; and ports that nobody uses."""

import os
import socket
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
"""The clone."""

HOME = Path(os.environ.get("MUARA_SERVICES") or ROOT / ".services")
"""State, data and logs of what `make services` started."""

LOOPBACK = "127.0.0.1"


def cache() -> Path:
    """The folder of downloads, shared by all clones of a user."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    folder = (Path(base) if base else Path.home() / ".cache") / "muara"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that are free at this moment."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]
