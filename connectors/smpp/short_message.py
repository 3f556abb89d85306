"""A message as it is delivered: the fields of `deliver_sm` and `data_sm` (SMPP 3.4, 4.6 and 4.7), and the header that
may stand before its text (3GPP TS 23.040, 9.2.3.24).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.smpp.pdus import BadPdu, Command, Fields, Pdu

_HEADED = 0x40
"""In `esm_class`: a header stands before the text."""
_KIND = 0x3C
_KINDS = {0x04: "receipt", 0x08: "acknowledgement", 0x20: "notification"}
"""In `esm_class`: what it is when it is news of a message that was sent to somebody."""
_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER, _PAYLOAD = 0x020C, 0x020E, 0x020F, 0x0424
_PART_8, _PART_16, _PORTS_8, _PORTS_16 = 0x00, 0x08, 0x04, 0x05
_INTERNATIONAL, _NATIONAL, _NAME = 1, 2, 5


@dataclass(frozen=True, slots=True)
class Address:
    """A number or name, with its type and plan."""

    value: str
    ton: int
    npi: int

    @property
    def number(self) -> str:
        """As E.164 where its type says so, or as it is dialled within the country, or as it is."""
        digits = self.value.strip()
        if self.ton == _NAME or not (digits.isascii() and digits.isdigit()):
            return digits
        if self.ton == _INTERNATIONAL:
            # Some say "international" of a number of their country: it begins with one 0, which no country does.
            digits = digits.removeprefix("00")
            return digits if digits.startswith("0") else f"+{digits}"
        return f"0{digits.removeprefix('0')}" if self.ton == _NATIONAL else digits


@dataclass(frozen=True, slots=True)
class PartOf:
    """Which part of a long message it is."""

    reference: int
    total: int
    number: int


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """One message, its text not read yet."""

    service_type: str
    source: Address
    destination: Address
    esm_class: int
    protocol_id: int
    priority_flag: int
    schedule_delivery_time: str
    registered_delivery: int
    data_coding: int
    header: bytes
    """The user data header without its length; empty without one."""
    octets: bytes
    """What stands behind the header."""
    optional: Mapping[int, bytes]
    rest: bytes
    """What stands behind the optional parameters and is none."""

    @property
    def kind(self) -> str:
        """`message`, or what kind of news."""
        return _KINDS.get(self.esm_class & _KIND, "message")

    @property
    def fill(self) -> int:
        """Bits between the header and the first sign, where signs are packed."""
        length = len(self.header) + 1 if self.esm_class & _HEADED else 0
        return -length * 8 % 7

    @property
    def part(self) -> PartOf | None:
        """By the header, or by the optional parameters `sar_…`; None of a whole, or where they make no sense."""
        for identifier, value in self._elements():
            if identifier == _PART_8 and len(value) == 3:
                return _part(value[0], value[1], value[2])
            if identifier == _PART_16 and len(value) == 4:
                return _part(int.from_bytes(value[:2]), value[2], value[3])
        found = [self.optional.get(tag) for tag in (_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER)]
        reference, total, number = (int.from_bytes(value) if value else 0 for value in found)
        return _part(reference, total, number)

    @property
    def port(self) -> int | None:
        """The port of a program on a telephone that it is meant for; None of one for people."""
        for identifier, value in self._elements():
            if identifier == _PORTS_8 and len(value) == 2:
                return value[0]
            if identifier == _PORTS_16 and len(value) == 4:
                return int.from_bytes(value[:2])
        return None

    def _elements(self) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at + 2 <= len(self.header):
            identifier, length = self.header[at], self.header[at + 1]
            yield identifier, self.header[at + 2 : at + 2 + length]
            at += 2 + length


def read_message(pdu: Pdu) -> ShortMessage:
    """The message in a frame.

    Raises:
        BadPdu: its fields are not as the protocol says.
    """
    fields = Fields(pdu.body)
    service_type = fields.text("service_type")
    source, destination = _address(fields, "source_addr"), _address(fields, "destination_addr")
    esm_class = fields.octet("esm_class")
    delivered = pdu.command == Command.DELIVER_SM
    protocol_id = fields.octet("protocol_id") if delivered else 0
    priority_flag = fields.octet("priority_flag") if delivered else 0
    schedule = fields.text("schedule_delivery_time") if delivered else ""
    if delivered:
        fields.text("validity_period")
    registered_delivery = fields.octet("registered_delivery")
    if delivered:
        fields.octet("replace_if_present_flag")
    data_coding = fields.octet("data_coding")
    octets = b""
    if delivered:
        fields.octet("sm_default_msg_id")
        octets = fields.octets(fields.octet("sm_length"), "short_message")
    optional, rest = fields.optional()
    octets = octets or optional.pop(_PAYLOAD, b"")
    header, octets = _headed(octets) if esm_class & _HEADED else (b"", octets)
    return ShortMessage(
        service_type,
        source,
        destination,
        esm_class,
        protocol_id,
        priority_flag,
        schedule,
        registered_delivery,
        data_coding,
        header,
        octets,
        optional,
        rest,
    )


def _address(fields: Fields, name: str) -> Address:
    ton, npi = fields.octet(f"{name}_ton"), fields.octet(f"{name}_npi")
    return Address(fields.text(name), ton, npi)


def _headed(octets: bytes) -> tuple[bytes, bytes]:
    if not octets or octets[0] >= len(octets):
        raise BadPdu("its header is longer than the message")
    return octets[1 : 1 + octets[0]], octets[1 + octets[0] :]


def _part(reference: int, total: int, number: int) -> PartOf | None:
    # TS 23.040, 9.2.3.24.1: numbers that make no sense are to be passed over.
    return PartOf(reference, total, number) if 1 <= number <= total and total > 1 else None
