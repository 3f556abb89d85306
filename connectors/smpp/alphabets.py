"""From the bytes of a short message to its text: the alphabets of 3GPP TS 23.038, and what `data_coding` says of them
(SMPP 3.4, 5.2.19).
"""

from collections.abc import Callable, Mapping
from typing import Literal

Default = Literal["gsm", "gsm_packed", "ascii", "latin1", "utf8", "ucs2"]
"""What an account may mean by its default alphabet."""
Alphabet = Literal["gsm", "gsm_packed", "ascii", "latin1", "utf8", "ucs2", "octets"]

_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""TS 23.038, 6.2.1."""
_ESCAPE = 0x1B
_EXTENSION = {
    0x0A: "\n",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
"""TS 23.038, 6.2.1.1: what a sign behind an escape is; a page break is a line break here."""
_CARRIAGE_RETURN = 0x0D
_PADDING = (0x00, _CARRIAGE_RETURN)
"""What fills the last seven bits where they are free."""
_CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\r")
_CODED: dict[int, Alphabet] = {1: "ascii", 2: "octets", 3: "latin1", 4: "octets", 8: "ucs2"}


def alphabet_of(data_coding: int, default: Default) -> Alphabet | None:
    """The alphabet that a `data_coding` names; None for one that is not read, such as JIS.

    `default`: that of the account, for 0 and for groups of GSM that mean it.
    """
    group, alphabet = data_coding & 0xF0, data_coding >> 2 & 0b11
    if group == 0x10:  # a message class, as of flash messages, with an alphabet (TS 23.038, 4)
        return {0: default, 1: "octets", 2: "ucs2"}.get(alphabet)
    if group == 0xF0:  # the same in another way
        return "octets" if alphabet & 1 else default
    if group in (0xC0, 0xD0, 0xE0):  # a waiting message is announced
        return "ucs2" if group == 0xE0 else default
    return default if data_coding == 0 else _CODED.get(data_coding)


def text_of(octets: bytes, alphabet: Alphabet | None, fill: int = 0) -> str | None:
    """The text; None where there is none to be read. Never raises: what fits no alphabet is read as it most likely is.

    `fill`: bits before the first sign, where signs are packed behind a header.
    """
    if alphabet == "gsm_packed":
        return _gsm(unpacked(octets, fill))
    read = _READERS.get(alphabet) if alphabet is not None else None
    return read(octets) if read is not None else None


def unpacked(octets: bytes, fill: int = 0) -> bytes:
    """Signs of seven bits, of which eight stand in seven bytes (TS 23.038, 6.1.2.1)."""
    bits = int.from_bytes(octets, "little") >> fill
    count = max(len(octets) * 8 - fill, 0) // 7
    signs = bytes(bits >> 7 * index & 0x7F for index in range(count))
    full = count and (len(octets) * 8 - fill) % 7 == 0
    return signs[:-1] if full and signs[-1] in _PADDING else signs


def _gsm(signs: bytes) -> str:
    found, escaped = list[str](), False
    for sign in signs:
        if escaped:
            # Behind an escape, what no table holds is read as without it; a second escape is a blank.
            found.append(" " if sign == _ESCAPE else _EXTENSION.get(sign, _GSM[sign]))
            escaped = False
        elif sign == _ESCAPE:
            escaped = True
        else:
            found.append(_GSM[sign])
    return "".join(found)


def _gsm_or_more(octets: bytes) -> str:
    return _gsm(octets) if octets.isascii() else _eight_bits(octets)


def _ascii(octets: bytes) -> str:
    # Widespread libraries say ASCII and write GSM; its @, _ and escape are controls that no text has in ASCII.
    return _eight_bits(octets) if _CONTROLS.isdisjoint(octets) else _gsm_or_more(octets)


def _ucs2(octets: bytes) -> str:
    """UTF-16, as telephones write it, whatever its name says. Halves of a pair that was cut between parts stay."""
    order = "utf-16-le" if octets[:2] == b"\xff\xfe" else "utf-16-be"
    text = octets[: len(octets) & ~1].decode(order, "surrogatepass").removeprefix("\ufeff")
    return text + "\ufffd" if len(octets) % 2 else text


def _eight_bits(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


_READERS: Mapping[Alphabet, Callable[[bytes], str]] = {
    "gsm": _gsm_or_more,
    "ascii": _ascii,
    "latin1": lambda octets: octets.decode("latin-1"),
    "utf8": _eight_bits,
    "ucs2": _ucs2,
}
