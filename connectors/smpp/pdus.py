"""The frames of SMPP 3.4 (chapters 3.2, 4 and 5.1): a header of four numbers and a body, one after another."""

import asyncio
import struct
from dataclasses import dataclass
from enum import IntEnum

_HEADER = struct.Struct("!IIII")
_RESPONSE = 0x8000_0000
LONGEST = 128 * 1024
"""Bytes of a frame that is kept; a message of 64 KiB in a parameter of its own fits."""
_NONSENSE = 16 * 1024 * 1024
"""Bytes that no frame has: where one begins is not known any more."""
_CHUNK = 64 * 1024


class Command(IntEnum):
    """What a frame is, of those that we know."""

    BIND_RECEIVER = 0x01
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    OUTBIND = 0x0B
    ENQUIRE_LINK = 0x15
    ALERT_NOTIFICATION = 0x102
    DATA_SM = 0x103
    GENERIC_NACK = 0x8000_0000


class Status(IntEnum):
    """How a request went; only what we send or tell apart."""

    OK = 0x00
    BAD_LENGTH = 0x02
    BAD_COMMAND = 0x03
    BAD_STATE = 0x04
    ALREADY_BOUND = 0x05
    BIND_FAILED = 0x0D
    BAD_PASSWORD = 0x0E
    BAD_SYSTEM_ID = 0x0F
    BAD_SYSTEM_TYPE = 0x53
    THROTTLED = 0x58
    NOT_NOW = 0x64
    """ESME_RX_T_APPN: the receiver cannot take the message now; the SMSC sends it again."""
    NEVER = 0x65
    """ESME_RX_P_APPN: the receiver will never take it."""


class BadFrame(Exception):
    """The other side does not send frames, or has lost its place; nothing that follows can be read."""


class BadPdu(ValueError):
    """The body of a frame is not as the protocol says; says where."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One frame."""

    command: int
    status: int
    sequence: int
    body: bytes = b""
    too_long: bool = False
    """Its body was passed over."""

    @property
    def is_response(self) -> bool:
        """Whether it answers something."""
        return bool(self.command & _RESPONSE)

    def to_bytes(self) -> bytes:
        """As it is sent."""
        return _HEADER.pack(_HEADER.size + len(self.body), self.command, self.status, self.sequence) + self.body


async def read_pdu(reader: asyncio.StreamReader) -> Pdu:
    """The next frame. The body of one that is too long is read and thrown away.

    Raises:
        BadFrame: its length is nonsense.
        EOFError: the other side has hung up.
        OSError: the connection is broken.
    """
    length, command, status, sequence = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    if not _HEADER.size <= length <= _NONSENSE:
        raise BadFrame(f"a frame says that it has {length} bytes")
    length -= _HEADER.size
    if length <= LONGEST:
        return Pdu(command, status, sequence, await reader.readexactly(length))
    while length:
        length -= len(await reader.readexactly(min(length, _CHUNK)))
    return Pdu(command, status, sequence, too_long=True)


def answer(pdu: Pdu, status: Status = Status.OK) -> Pdu:
    """The response to a request. Those to messages hold a `message_id` that is empty (4.6.2)."""
    with_id = pdu.command in (Command.DELIVER_SM, Command.DATA_SM)
    return Pdu(pdu.command | _RESPONSE, status, pdu.sequence, b"\x00" if with_id else b"")


def refusal(pdu: Pdu, status: Status) -> Pdu:
    """The response to what is no request that we know (4.3)."""
    return Pdu(Command.GENERIC_NACK, status, pdu.sequence)


class Fields:
    """The fields of a body, one after another."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self._body) - self._at

    def text(self, name: str) -> str:
        """Text up to a NUL (C-Octet String); its bytes stand for the first 256 signs, whatever they were meant as.

        Raises:
            BadPdu: it has no end.
        """
        end = self._body.find(b"\x00", self._at)
        if end < 0:
            raise BadPdu(f"its field {name} has no end")
        value = self._body[self._at : end].decode("latin-1")
        self._at = end + 1
        return value

    def octet(self, name: str) -> int:
        """A number of one byte.

        Raises:
            BadPdu: the body has ended.
        """
        return self.octets(1, name)[0]

    def octets(self, length: int, name: str) -> bytes:
        """So many bytes.

        Raises:
            BadPdu: the body has not so many.
        """
        if self.left < length:
            raise BadPdu(f"its field {name} has {self.left} bytes instead of {length}")
        value = self._body[self._at : self._at + length]
        self._at += length
        return value

    def optional(self) -> tuple[dict[int, bytes], bytes]:
        """The optional parameters (tag, length, value), and what stands behind them that is none."""
        found: dict[int, bytes] = {}
        while self.left >= 4:
            tag, length = struct.unpack_from("!HH", self._body, self._at)
            if self.left - 4 < length:
                break
            found[tag] = self._body[self._at + 4 : self._at + 4 + length]
            self._at += 4 + length
        rest, self._at = self._body[self._at :], len(self._body)
        return found, rest


def c_string(value: str) -> bytes:
    """Text as a field.

    Raises:
        BadPdu: it holds a NUL, which would end it.
    """
    if "\x00" in value:
        raise BadPdu("the text of a field holds a NUL")
    return value.encode() + b"\x00"
