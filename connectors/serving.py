"""Sources that Muara asks by itself: what goes wrong in a round of one is told and counted, and stops no other."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from connectors.faults import describe
from connectors.leases import LeaseLost
from connectors.metrics import ConnectorMetrics
from connectors.rounds import repeat
from connectors.source import Source


class Rounds:
    """The rounds of one source."""

    def __init__(
        self,
        source: Source,
        metrics: ConnectorMetrics,
        round_: Callable[[], Awaitable[int | None]],
        *,
        noun: str,
        trouble: tuple[type[BaseException], ...],
        room: str,
    ) -> None:
        """`round_` returns how much it took, None when another process serves the source.

        Args:
            source: which one is asked.
            metrics: count rounds.
            round_: one round.
            noun: what is asked, as logs call it, such as `table`.
            trouble: exceptions whose words may stand in a log; of others only kind and place are told.
            room: the transport, as logs call it.
        """
        self._source = source
        self._metrics = metrics
        self._round = round_
        self._noun = noun
        self._trouble = trouble
        self._log = structlog.get_logger(f"muara.connectors.{room}")
        self.problem: str | None = None
        """Why the source is not served at the moment."""

    async def run(self, interval: float, stopping: asyncio.Event) -> None:
        """Ask until `stopping`, at intervals in seconds; see `connectors.rounds`."""
        await repeat(self.one, interval, stopping)

    async def one(self) -> bool:
        """One round; whether it went well."""
        channel = self._source.channel.recipe.channel
        try:
            served = await self._round() is not None
        except LeaseLost as lost:
            self.problem = None
            self._log.warning(f"{self._noun} left to another process", source=self._source.id, why=str(lost))
            return True
        except Exception as error:  # noqa: BLE001 one source's fault must not stop the others; it is told and counted
            self.problem = describe(error, self._trouble)
            self._metrics.round_failed(channel)
            self._log.error(f"{self._noun} not served", source=self._source.id, why=self.problem)
            return False
        self.problem = None
        if served:
            self._metrics.round_succeeded(channel)
        return True
