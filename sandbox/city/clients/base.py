"""What all clients share: counts, patience, and the way a provider repeats a request that was not taken."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from sandbox.city.utterances import Utterance


@dataclass(slots=True)
class Counts:
    """What became of the messages of one channel. Copies of one message count each."""

    sent: int = 0
    accepted: int = 0
    """The other side answered that it has them."""
    refused: int = 0
    """The other side answered that it will not have them."""
    given_up: int = 0
    """No answer, or none that is final, after all tries."""
    retries: int = 0
    """Tries beyond the first, in requests."""

    def settle(self, verdict: bool | None, messages: int) -> None:
        """Counts messages whose fate is known: True accepted, False refused, None given up."""
        self.sent += messages
        if verdict is None:
            self.given_up += messages
        elif verdict:
            self.accepted += messages
        else:
            self.refused += messages


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a provider goes on. Real ones do so for days."""

    tries: int = 8
    first_wait: float = 0.2
    """Seconds before the second try; doubles from there."""
    longest_wait: float = 5.0
    """Seconds; also caps what `Retry-After` asks for."""
    timeout: float = 15.0
    """Seconds for one try."""

    def wait(self, tried: int, asked: float | None = None) -> float:
        """Seconds to wait after so many tries; `asked` is what the other side wants."""
        return min(self.longest_wait, asked if asked is not None else self.first_wait * 2.0 ** (tried - 1))


class Client(Protocol):
    """Hands messages over on one channel."""

    counts: Counts

    async def send(self, parcel: Sequence[Utterance]) -> None:
        """Sends them, again and again until taken, refused, or patience ends; the counts tell, nothing is raised."""


async def persist(
    once: Callable[[], Awaitable[tuple[bool | None, float | None]]], patience: Patience, counts: Counts, messages: int
) -> bool | None:
    """Calls `once` until the fate of the messages is known; it gives the verdict and the wait that was asked for."""
    for tried in range(1, patience.tries + 1):
        verdict, asked = await once()
        if verdict is not None or tried == patience.tries:
            counts.settle(verdict, messages)
            return verdict
        counts.retries += 1
        await asyncio.sleep(patience.wait(tried, asked))
    raise ValueError("patience allows no try at all: set tries to 1 or more")


async def post(
    http: httpx.AsyncClient, url: str, content: bytes, headers: Mapping[str, str], patience: Patience
) -> tuple[bool | None, float | None]:
    """One POST. 2xx accepts; 429, 5xx and a broken connection leave it open; all else refuses."""
    try:
        answer = await http.post(url, content=content, headers=headers, timeout=patience.timeout)
    except httpx.TransportError:
        return None, None
    if answer.is_success:
        return True, None
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
        return None, _seconds(answer.headers.get("retry-after"))
    return False, None


def _seconds(value: str | None) -> float | None:
    return float(value) if value is not None and value.isdigit() else None
