"""A record of a topic as a recipe reads it: one JSON document with what the brokers know of it and what stands in it.

```json
{"topic": "simrs.pengaduan", "partition": 0, "offset": 17, "timestamp": "2026-11-24T03:00:00.000Z",
 "key": "P-17", "headers": {"asal": "igd"}, "value": {"isi": "…"}}
```
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from connectors.kafka_source.settings import Form
from connectors.source import Source
from recipes.decoding import decode, encode
from recipes.inbound import Inbound, Item
from recipes.mapped import MappingError, Value

_JSON = "application/json"
_CREDENTIALS = {"authorization", "proxy-authorization", "cookie"}
"""Headers that are never kept."""
_YEAR_10000 = 253_402_300_800_000
"""Milliseconds since the epoch; later there is no written form."""


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """One record as it was read."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    """Milliseconds since the epoch, by the agency's producer or broker; negative when there is none."""
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.topic}:{self.partition}:{self.offset}"

    @property
    def size(self) -> int:
        """Bytes of key, value and headers."""
        headers = sum(len(name) + len(value or b"") for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers


def items(record: TopicRecord, source: Source, form: Form) -> list[Item]:
    """The messages of a record; at least one, which has a defect when the record cannot be read.

    A message to which the recipe finds no id is known by its place and the record's time: under the same place, a topic
    that was made anew holds other records.
    """
    try:
        value, defect = read_value(record.value, form), None
    except MappingError as error:
        value, defect = _bare(record.value), f"record {record.place}: {error}"
    payload = encode(_document(record, value))
    if defect:
        found = [Item(payload, _JSON, defect=defect)]
    else:
        found = source.channel.split(Inbound(payload, _JSON), zone=source.zone)
    name = f"{record.place}@{record.timestamp}"
    return [
        item
        if item.external_id is not None or item.receipt is not None
        else replace(item, external_id=name if len(found) == 1 else f"{name}:{index}")
        for index, item in enumerate(found)
    ]


def read_value(value: bytes | None, form: Form) -> Value:
    """What stands in a value; None in a record that only says that something was deleted.

    Raises:
        MappingError: it is not what it should be.
    """
    if value is None:
        return None
    if form == "auto":
        first = value.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        form = "json" if first in (b"{", b"[") else "xml" if first == b"<" else "text"
    try:
        return _text(value) if form == "text" else decode(value, "", form)
    except MappingError as error:
        if value[:1] == b"\x00":
            raise MappingError(
                "its value is in a binary form, such as Avro with a schema registry, which is not read: let the agency"
                " write JSON, into a topic of its own if need be"
            ) from None
        raise MappingError(f"its value cannot be read: {error}") from None


def _document(record: TopicRecord, value: Value) -> dict[str, Value]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": _written(record.timestamp),
        "key": _bare(record.key),
        "headers": dict(_kept(record.headers)),
        "value": value,
    }


def _kept(headers: Iterable[tuple[str, bytes | None]]) -> Iterable[tuple[str, Value]]:
    return ((name, _bare(value)) for name, value in headers if name.lower() not in _CREDENTIALS)


def _written(timestamp: int) -> str | None:
    if not 0 <= timestamp < _YEAR_10000:
        return None
    at = datetime.fromtimestamp(timestamp // 1000, UTC).replace(microsecond=timestamp % 1000 * 1000, tzinfo=None)
    return f"{at.isoformat(timespec='milliseconds')}Z"


def _text(value: bytes) -> str:
    try:
        text = value.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError(f"it is not UTF-8 (byte {error.start})") from None
    if "\x00" in text:
        raise MappingError("it holds the sign NUL, so it is no text")
    return text


def _bare(value: bytes | None) -> Value:
    """A text as it is, other bytes as hexadecimal digits."""
    if value is None:
        return None
    try:
        return _text(value)
    except MappingError:
        return value.hex()
