"""Tokens that have to be asked for: asked for once, however many wait, kept until they are stale or refused."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from runtime.clock import Clock

_EARLY = timedelta(seconds=30)
"""A token that ends sooner than this is replaced before it is used, so that it does not end on its way."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Granted:
    """What was given for the asking."""

    value: str
    lasts: float | None
    """Seconds; None: until it is refused."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and the moment from which another is asked for."""

    value: str
    stale_at: datetime | None


class TokenKeeper(Generic[R]):
    """One token, shared by all requests that need it. `R` is why there is none."""

    def __init__(self, ask: Callable[[], Awaitable[Granted | R]], clock: Clock, name: str = "token") -> None:
        """`ask` asks for a new one; an exception of it reaches all who wait."""
        self._ask = ask
        self._clock = clock
        self._name = name
        self._asking: asyncio.Task[Token | R] | None = None
        self._token: Token | None = None

    async def get(self, refused: Token | None = None) -> Token | R:
        """A token that is good for a while; another than the `refused` one. Or why there is none.

        Whoever waits shares what comes of one question: a server that is away is not waited for by each in turn.
        """
        token = self._token
        if token is not None and token is not refused and (token.stale_at is None or self._clock() < token.stale_at):
            return token
        if self._asking is None:
            self._asking = asyncio.create_task(self._renew(), name=self._name)
        # Whoever gives up waiting leaves the question to the others.
        return await asyncio.shield(self._asking)

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _renew(self) -> Token | R:
        try:
            self._token, now = None, self._clock()
            found = await self._ask()
            if isinstance(found, Granted):
                self._token = Token(found.value, _stale(now, found.lasts))
                return self._token
            return found
        finally:
            self._asking = None


def _stale(now: datetime, lasts: float | None) -> datetime | None:
    if lasts is None:
        return None
    whole = timedelta(seconds=min(max(lasts, 0.0), 1e8))
    # A short-lived one would be stale at once.
    return now + max(whole - _EARLY, whole / 2)
