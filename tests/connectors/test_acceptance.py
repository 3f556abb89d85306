"""Identity, sealing and durability of what is accepted."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.acceptance import Acceptance, Overloaded
from connectors.source import Source
from recipes.inbound import Item
from runtime.bus.protocol import BusUnavailable
from runtime.objects.protocol import ObjectsUnavailable

from .conftest import NOW, House, make_channel

AT = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
JSON = "application/json"


@pytest.fixture
def source(make_source: Callable[..., Source]) -> Source:
    return make_source(make_channel("uji", {}))


def item(**fields: Any) -> Item:  # noqa: ANN401 any field of an item
    return Item(**{"payload": b'{"text":"lampu mati"}', "media_type": JSON, **fields})


async def test_what_is_on_the_log_is_sealed_and_opens(house: House, source: Source) -> None:
    accepted = await house.acceptance.accept(
        source, [item(external_id="wamid.1", sender="6281100000001")], traceparent="00-aa-bb-01"
    )
    assert (accepted.messages, accepted.receipts, accepted.defects) == (1, 0, 0)
    [record] = await house.records()
    assert b"lampu" not in record.value
    assert b"wamid" not in record.value
    assert b"6281100000001" not in record.value + record.key.encode()
    assert record.headers == {"traceparent": "00-aa-bb-01"}
    [raw] = await house.raws()
    assert record.key == raw.conversation
    assert raw.received_at == NOW
    assert raw.recipe_hash == source.channel.hash
    assert await house.payload(raw) == b'{"text":"lampu mati"}'
    assert house.external_id(raw) == "wamid.1"


@pytest.mark.parametrize(
    ("first", "second", "ordinals", "same"),
    [
        pytest.param({"external_id": "a"}, {"external_id": "a", "payload": b"{}"}, None, True, id="provider's id"),
        pytest.param({"sent_at": AT}, {"sent_at": AT}, None, True, id="content and time"),
        pytest.param({"sent_at": AT}, {"sent_at": NOW}, None, False, id="same content at another time"),
        pytest.param({}, {}, None, False, id="neither id nor time: Friday's is not Monday's"),
        pytest.param({}, {}, (0, 0), True, id="the same row again"),
        pytest.param({}, {}, (0, 1), False, id="two identical rows"),
        pytest.param({"sent_at": AT}, {"sent_at": AT}, (0, 1), False, id="two identical rows with a time"),
        pytest.param({"external_id": "a\ud800"}, {"external_id": "a\ud800"}, None, True, id="lone surrogate"),
    ],
)
async def test_identity(  # noqa: PLR0917 a table's columns
    house: House,
    source: Source,
    first: dict[str, Any],
    second: dict[str, Any],
    ordinals: tuple[int, int] | None,
    same: bool,
) -> None:
    for index, fields in enumerate((first, second)):
        await house.acceptance.accept(source, [item(**fields)], ordinals=[ordinals[index]] if ordinals else None)
    one, two = await house.raws()
    assert (one.message_id == two.message_id) is same


async def test_sources_of_one_provider_never_share_an_id(house: House, make_source: Callable[..., Source]) -> None:
    channel = make_channel("uji", {})
    for fields in ({"id": "satu"}, {"id": "dua"}, {"id": "satu", "agency": "dinas-jalan"}):
        await house.acceptance.accept(make_source(channel, **fields), [item(external_id="7", sender="62811")])
    raws = await house.raws()
    assert len({raw.message_id for raw in raws}) == 3
    assert len({raw.conversation for raw in raws}) == 2, "a conversation belongs to a source"


async def test_one_conversation_has_one_key(house: House, source: Source) -> None:
    await house.acceptance.accept(
        source,
        [item(external_id="1", sender="a"), item(external_id="2", sender="a"), item(external_id="3", sender="b")],
    )
    keys = [record.key for record in await house.records()]
    assert keys[0] == keys[1] != keys[2]


async def test_a_request_is_published_once_and_receipts_are_counted_only(house: House, source: Source) -> None:
    items = [item(external_id="1"), item(receipt="delivered"), item(defect="entry[1] is a text, not an object")]
    accepted = await house.acceptance.accept(source, items)
    assert (accepted.messages, accepted.receipts, accepted.defects) == (2, 1, 1)
    assert house.bus.publications == 1
    assert [raw.defect for raw in await house.raws()] == [None, "entry[1] is a text, not an object"]
    assert [house.counted("uji", outcome) for outcome in ("accepted", "receipt", "defect")] == [1, 1, 1]


async def test_large_payloads_lie_with_the_objects(house: House, source: Source) -> None:
    large = b"x" * (256 * 1024 + 1)
    await house.acceptance.accept(source, [item(external_id="1", payload=large)])
    [raw] = await house.raws()
    assert raw.payload is None
    assert raw.payload_object is not None
    assert await house.payload(raw) == large


async def test_nothing_is_counted_when_the_log_is_away(house: House, source: Source) -> None:
    house.bus.away = True
    with pytest.raises(BusUnavailable):
        await house.acceptance.accept(source, [item(external_id="1")])
    assert house.counted("uji", "accepted") == 0
    assert await house.raws() == []


async def test_nothing_is_published_when_the_objects_are_away(house: House, source: Source) -> None:
    class Away:
        async def put(self, data: bytes) -> str:  # noqa: ARG002
            raise ObjectsUnavailable("the disk is full")

        async def get(self, key: str) -> bytes:
            raise AssertionError(key)

    acceptance = Acceptance(
        house.bus,  # type: ignore[arg-type]
        house.sealing,
        Away(),
        lambda: NOW,
        house.metrics,
        inline_limit=10,
    )
    with pytest.raises(ObjectsUnavailable):
        await acceptance.accept(source, [item(external_id="1", payload=b"1"), item(external_id="2")])
    assert await house.raws() == []


async def test_a_log_that_hangs_is_given_up_and_the_gate_is_bounded(house: House, source: Source) -> None:
    hanging = asyncio.Event()

    class Hanging:
        async def publish(self, topic: str, records: object) -> None:  # noqa: ARG002
            hanging.set()
            await asyncio.Event().wait()

    acceptance = Acceptance(
        Hanging(),  # type: ignore[arg-type]
        house.sealing,
        house.objects,
        lambda: NOW,
        house.metrics,
        max_in_flight=1,
        timeout=0.2,
    )
    waiting = asyncio.create_task(acceptance.accept(source, [item(external_id="1")]))
    await hanging.wait()
    with pytest.raises(Overloaded):
        await acceptance.accept(source, [item(external_id="2")])
    with pytest.raises(BusUnavailable, match="did not acknowledge"):
        await waiting
    with pytest.raises(BusUnavailable):  # the gate is open again: it gets as far as the log
        await acceptance.accept(source, [item(external_id="2")])
