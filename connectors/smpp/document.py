"""A message as a recipe reads it: one JSON document, in SMPP's own words, with the text and what it belongs to.

```json
{"from": "+6281100000131", "to": "1708", "text": "Lampu mati", "kind": "message", "part": null, "port": null,
 "receipt": null, "alphabet": "gsm", "octets": "4c616d7075206d617469", "data_coding": 0, "esm_class": 0, …}
```
"""

import re

from connectors.smpp.alphabets import Default, alphabet_of, text_of
from connectors.smpp.pdus import BadPdu, Pdu
from connectors.smpp.short_message import ShortMessage, read_message
from connectors.source import Source
from recipes.decoding import encode
from recipes.inbound import Inbound, Item
from recipes.mapped import Value

_JSON = "application/json"
_RECEIPTED, _STATE = 0x001E, 0x0427
_STATES = {
    1: "enroute",
    2: "delivered",
    3: "expired",
    4: "deleted",
    5: "undeliverable",
    6: "accepted",
    7: "unknown",
    8: "rejected",
}
"""SMPP 3.4, 5.2.28."""
_SHORT = {"delivrd": "delivered", "undeliv": "undeliverable", "acceptd": "accepted", "rejectd": "rejected"}
"""As receipts write them in seven letters (appendix B)."""


def items(pdu: Pdu, source: Source, default: Default) -> list[Item]:
    """The message or news of a frame: at least one item, which has a defect when the frame cannot be read."""
    try:
        message = read_message(pdu)
    except BadPdu as error:
        return [Item(encode({"pdu": pdu.body.hex()}), _JSON, defect=f"a short message cannot be read: {error}")]
    return source.channel.split(Inbound(encode(document(message, default)), _JSON), zone=source.zone)


def fingerprint(pdu: Pdu) -> str:
    """What is the same when the SMSC sends a message again, and mostly differs between two messages: who wrote to
    whom, and the bytes. Some SMSCs change other fields meanwhile.
    """
    try:
        message = read_message(pdu)
    except BadPdu:
        return pdu.body.hex()
    ends = (message.source.number, message.destination.number)
    return "\x1f".join((*ends, str(message.data_coding), message.header.hex(), message.octets.hex(), str(message.part)))


def document(message: ShortMessage, default: Default) -> dict[str, Value]:
    """The document of a message."""
    alphabet = alphabet_of(message.data_coding, default)
    text = text_of(message.octets, alphabet, message.fill)
    part = message.part
    return {
        "from": message.source.number,
        "to": message.destination.number,
        "text": text,
        "kind": message.kind,
        "part": part and {"reference": part.reference, "total": part.total, "number": part.number},
        "port": message.port,
        "receipt": None if message.kind == "message" else _receipt(message, text or ""),
        "alphabet": alphabet,
        "octets": message.octets.hex(),
        "header": message.header.hex(),
        "data_coding": message.data_coding,
        "esm_class": message.esm_class,
        "service_type": message.service_type,
        "source_addr": message.source.value,
        "source_addr_ton": message.source.ton,
        "source_addr_npi": message.source.npi,
        "destination_addr": message.destination.value,
        "dest_addr_ton": message.destination.ton,
        "dest_addr_npi": message.destination.npi,
        "protocol_id": message.protocol_id,
        "priority_flag": message.priority_flag,
        "registered_delivery": message.registered_delivery,
        "schedule_delivery_time": message.schedule_delivery_time,
        "optional": {f"{tag:04x}": value.hex() for tag, value in sorted(message.optional.items())},
        "rest": message.rest.hex(),
    }


def _receipt(message: ShortMessage, text: str) -> dict[str, Value]:
    """What it is about, by its parameters, else by its text (appendix B)."""
    receipted = message.optional.get(_RECEIPTED, b"").rstrip(b"\x00").decode("latin-1")
    state = _STATES.get(int.from_bytes(message.optional.get(_STATE, b"")))
    written = (_written("stat", text) or "").lower()
    return {"id": receipted or _written("id", text), "state": state or _SHORT.get(written, written) or message.kind}


def _written(name: str, text: str) -> str | None:
    found = re.search(rf"\b{name}:\s*(\S+)", text, re.IGNORECASE)
    return found and found[1]
