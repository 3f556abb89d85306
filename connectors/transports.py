"""What a transport is that another package brings: the protocol that its entry point has to be of.

Such a transport is asked by Muara itself, as tables and folders are: it runs until the process stops,
holds the lease of its source while it takes anything, and hands everything to `Acceptance`, which makes it durable.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from connectors.acceptance import Acceptance
from connectors.cursors import Cursors
from connectors.leases import Leases
from connectors.source import Source


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a transport stands on."""

    acceptance: Acceptance
    cursors: Cursors
    leases: Leases
    clock: Callable[[], datetime]


class Served(Protocol):
    """One source of a transport, while it is served."""

    @property
    def source(self) -> Source:
        """Which one."""

    @property
    def problem(self) -> str | None:
        """Why it is not served at the moment, in words without identities; None when it is."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve it until `stopping`. Raises nothing: see `connectors.serving.Rounds`."""


class Transport(Protocol):
    """What an entry point points to."""

    @property
    def channels(self) -> Path | None:
        """The folder with the recipes that the package brings; None for none."""

    def faults(self, source: Source) -> Sequence[str]:
        """What keeps a source from being served as it is configured, in words with a remedy."""

    def serve(self, source: Source, surroundings: Surroundings) -> Served:
        """Serve a source without faults. Connects to nothing yet."""
