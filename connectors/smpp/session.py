"""One login at an SMSC: a connection on which it delivers messages, until either side ends it.

Messages wait here, unanswered, until somebody takes them and says how each is to be answered. Whoever asks whether we
are still there is answered at once, whatever waits. The SMSC has read our answers when it answers a question that we
asked after them: there is one order in a connection.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass

from connectors.smpp.failures import BindRefused, SmscUnavailable, refused, told
from connectors.smpp.pdus import BadFrame, Command, Pdu, Status, answer, c_string, read_pdu, refusal
from connectors.smpp.settings import SmscSettings

_VERSION = 0x34
_MESSAGES = (Command.DELIVER_SM, Command.DATA_SM)
_BINDS = {"receiver": Command.BIND_RECEIVER, "transceiver": Command.BIND_TRANSCEIVER}
_LAST_SEQUENCE = 0x7FFF_FFFF
_BREATH = 0.5
"""Seconds between two questions at least."""
_FAREWELL = 2.0
"""Seconds that the SMSC has to answer our leaving."""
THROTTLED, TOO_LONG, NOT_UNDERSTOOD = "throttled", "too_large", "not_understood"
"""Counted as outcomes: asked to come later, refused for its length, a frame that is no request of SMPP 3.4."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that waits for its answer."""

    pdu: Pdu
    at: float
    """When it came, in seconds of the monotonic clock."""


class Session:
    """Not logged in before `open`."""

    def __init__(self, settings: SmscSettings, password: str, count: Callable[[str], None]) -> None:
        """`count` hears of what is answered without being handed out."""
        self._settings = settings
        self._password = password
        self._count = count
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._sequence = 0
        self._awaited: dict[int, asyncio.Future[Pdu]] = {}
        self._waiting: deque[Arrival] = deque()
        self._news = asyncio.Event()
        self._lost: BaseException | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._answered: list[str] = []
        self._confirmed: list[str] = []
        self._curious = asyncio.Event()
        """Somebody wants to know whether answers were read."""

    async def open(self) -> None:
        """Connect and log in.

        Raises:
            BindRefused: the SMSC does not let us in.
            SmscUnavailable: it is away, or does not speak SMPP.
        """
        settings, tls = self._settings, _tls(self._settings)
        try:
            async with asyncio.timeout(settings.timeout):
                self._reader, self._writer = await asyncio.open_connection(settings.host, settings.port, ssl=tls)
        except (OSError, ssl.SSLError) as error:
            raise told(error, settings) from None
        self._tasks = [asyncio.create_task(self._watched(self._read()), name="smpp-read")]
        try:
            await self._bind()
        except BaseException:
            await self._hang_up()
            raise
        self._tasks.append(asyncio.create_task(self._watched(self._ask_now_and_then()), name="smpp-ask"))

    async def _bind(self) -> None:
        settings = self._settings
        body = b"".join(
            (
                *(c_string(each) for each in (settings.system_id, self._password, settings.system_type)),
                bytes((_VERSION, settings.addr_ton, settings.addr_npi)),
                c_string(settings.address_range),
            )
        )
        response = await self._ask(_BINDS[settings.bind], body)
        if response.command == Command.GENERIC_NACK:
            raise BindRefused(f"{settings.server} knows no login as `{settings.bind}`: correct `bind`")
        if response.status != Status.OK:
            raise refused(settings.server, response.status)

    async def take(self, limit: int, seconds: float) -> list[Arrival]:
        """Messages that wait, oldest first; none when none has come within so many seconds.

        Raises:
            SmscUnavailable: the connection has ended; what waited is sent again.
        """
        if not self._waiting and self._lost is None:
            self._news.clear()
            with suppress(TimeoutError):  # nothing came: then nothing is told
                async with asyncio.timeout(seconds):
                    await self._news.wait()
        if self._lost is not None:
            raise self._lost
        return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]

    async def answer(self, arrivals: Collection[Arrival], status: Status, names: Collection[str] = ()) -> None:
        """Answer messages that were taken. `names` are given back by `confirmed` once the SMSC has read it.

        Raises:
            SmscUnavailable: the connection has ended.
        """
        await self._send(*(answer(each.pdu, status) for each in arrivals))
        if names:
            self._answered += names
            self._curious.set()

    def confirmed(self) -> list[str]:
        """Of which answers it is known by now that they were read."""
        confirmed, self._confirmed = self._confirmed, []
        return confirmed

    async def close(self) -> None:
        """Log out: what waits is to be sent again. Raises nothing."""
        waiting = list(self._waiting)
        self._waiting.clear()
        if self._writer is not None and self._lost is None:
            with suppress(SmscUnavailable, TimeoutError):  # it is gone: then what waits comes again by itself
                async with asyncio.timeout(_FAREWELL):
                    await self.answer(waiting, Status.NOT_NOW)
                    answered = self._take_answered()
                    await self._ask(Command.UNBIND)
                    self._confirmed += answered
        await self._hang_up()

    async def _hang_up(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.transport.abort()

    async def _watched(self, work: Coroutine[None, None, None]) -> None:
        """What ends a task of this connection ends the connection."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 whoever takes the next messages is told
            known = isinstance(error, OSError | EOFError | BadFrame | SmscUnavailable)
            self._lost = told(error, self._settings) if known else error
        self._news.set()
        for future in self._awaited.values():
            if not future.done():
                future.cancel()

    async def _read(self) -> None:
        assert self._reader is not None  # noqa: S101 it is called by `open` only
        while True:
            await self._met(await read_pdu(self._reader))

    async def _met(self, pdu: Pdu) -> None:
        if pdu.is_response:
            future = self._awaited.pop(pdu.sequence, None)
            if future is not None and not future.done():
                future.set_result(pdu)
        elif pdu.command in _MESSAGES:
            await self._came(pdu)
        elif pdu.command == Command.ENQUIRE_LINK:
            await self._send(answer(pdu))
        elif pdu.command == Command.UNBIND:
            await self._send(answer(pdu))
            raise SmscUnavailable(f"{self._settings.server} has logged us out")
        elif pdu.command not in (Command.ALERT_NOTIFICATION, Command.OUTBIND):  # which have no answer
            self._count(NOT_UNDERSTOOD)
            await self._send(refusal(pdu, Status.BAD_COMMAND))

    async def _came(self, pdu: Pdu) -> None:
        if pdu.too_long:
            self._count(TOO_LONG)
            await self._send(answer(pdu, Status.NEVER))
        elif len(self._waiting) >= self._settings.window:
            self._count(THROTTLED)
            await self._send(answer(pdu, Status.THROTTLED))
        else:
            self._waiting.append(Arrival(pdu, time.monotonic()))
            self._news.set()

    async def _ask_now_and_then(self) -> None:
        """Ask whether the SMSC is there: at intervals, and soon after answers."""
        while True:
            with suppress(TimeoutError):  # nobody was curious: then it is asked all the same
                async with asyncio.timeout(self._settings.enquire):
                    await self._curious.wait()
            self._curious.clear()
            answered = self._take_answered()
            await self._ask(Command.ENQUIRE_LINK)
            self._confirmed += answered
            await asyncio.sleep(min(_BREATH, self._settings.enquire))

    def _take_answered(self) -> list[str]:
        answered, self._answered = self._answered, []
        return answered

    async def _ask(self, command: Command, body: bytes = b"") -> Pdu:
        """Send a request, and wait for its response.

        Raises:
            SmscUnavailable: there is none.
        """
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        future = asyncio.get_running_loop().create_future()
        self._awaited[self._sequence] = future
        try:
            async with asyncio.timeout(self._settings.timeout):
                await self._send(Pdu(command, Status.OK, self._sequence, body))
                await asyncio.wait([future])
        except TimeoutError as error:
            raise told(error, self._settings) from None
        finally:
            self._awaited.pop(self._sequence, None)
        if future.cancelled():
            lost = self._lost if isinstance(self._lost, SmscUnavailable) else told(EOFError(), self._settings)
            if command in _BINDS.values():
                raise SmscUnavailable(f"{lost}, before it let us in: may the account log in from this address?")
            raise lost
        found: Pdu = future.result()
        return found

    async def _send(self, *pdus: Pdu) -> None:
        if self._writer is None or self._lost is not None:
            raise told(EOFError(), self._settings)
        try:
            self._writer.write(b"".join(pdu.to_bytes() for pdu in pdus))
            await self._writer.drain()
        except OSError as error:
            raise told(error, self._settings) from None


async def logged_in(settings: SmscSettings, passwords: Sequence[str], count: Callable[[str], None]) -> Session:
    """A session with the first of these passwords that is let in; during a rotation there are two.

    Raises:
        BindRefused, SmscUnavailable: see `Session.open`.
    """
    *first, last = passwords
    for password in first:
        session = Session(settings, password, count)
        with suppress(BindRefused):  # during a rotation the next one may be right; the last one tells
            await session.open()
            return session
    session = Session(settings, last, count)
    await session.open()
    return session


def _tls(settings: SmscSettings) -> ssl.SSLContext | None:
    """Raises `SmscUnavailable` when the authority's file cannot be read."""
    if settings.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError:
        raise SmscUnavailable(f"`ca_file` {settings.ca_file} is not there, or is no PEM file") from None
