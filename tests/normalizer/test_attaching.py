"""Files that were fetched later: a new revision of the complaint whose message named them."""

import json
from uuid import uuid4

from sqlalchemy import select

from normalizer import tables as t
from normalizer.attaching import MediaWriter
from schemas.events import MediaEvent, MediaWanted
from schemas.topics import MEDIA, WANTED

from .rig import SITI, Rig, image, text, wa

KEY = "ab" * 32


async def fetched(rig: Rig, message: object, number: int = 0, **fields: object) -> None:
    event = MediaEvent.model_validate(
        {
            "event_id": uuid4(), "occurred_at": rig.clock(), "origin": "connectors", "message_id": message,
            "number": number, "object": KEY, "media_type": "image/png", "size": 7, **fields,
        }
    )  # fmt: skip
    await rig.publish(MEDIA.name, str(message), event.model_dump_json().encode())
    await MediaWriter(rig.store, rig.sealing, rig.clock).write(await rig.records(MEDIA.name))
    await rig.settle()


async def applied(rig: Rig) -> list[bool]:
    async with rig.store.reading() as connection:
        rows = await connection.execute(select(t.media.c.applied).order_by(t.media.c.offset))
        return [row.applied for row in rows]


async def test_a_fetched_photo_makes_a_revision_and_tells_a_place_once(rig: Rig) -> None:
    await rig.whatsapp(
        text("Sampah menumpuk di depan sekolah, baunya menyengat", ident="wamid.1", sender=SITI),
        image("wamid.2", sender=SITI, after=5),
    )
    await rig.work()
    before = await rig.one()
    (named,) = before.attachments
    assert (named.object, named.message_id, named.number) == (None, wa("wamid.2"), 0)
    assert named.reference is not None
    assert (before.place.latitude, before.position_from) == (None, None)
    await fetched(rig, wa("wamid.2"), latitude=-3.294512, longitude=102.861411)
    after = await rig.one()
    (held,) = after.attachments
    assert (after.revision, held.object, held.media_type, held.size) == (2, KEY, "image/png", 7)
    assert (held.reference, held.message_id, held.number) == (None, None, None)
    assert (after.place.latitude, after.place.longitude, after.position_from) == (-3.294512, 102.861411, "photo")
    # The same again, another attachment that there is not, a message that there is not, and what nobody can read.
    await fetched(rig, wa("wamid.2"))
    await fetched(rig, wa("wamid.2"), number=4)
    await fetched(rig, uuid4())
    await rig.publish(MEDIA.name, "x", b"{")
    await MediaWriter(rig.store, rig.sealing, rig.clock).write(await rig.records(MEDIA.name))
    assert (await rig.one()).revision == 2
    assert await applied(rig) == [True, False, False, False, False]
    assert await rig.wrong() == []


async def test_a_file_is_asked_for_when_its_message_is_taken_in_and_once(rig: Rig) -> None:
    photo = image("wamid.2", sender=SITI, after=5, caption="Jembatan gantung putus talinya")
    await rig.whatsapp(text("Pak, mau lapor", ident="wamid.1", sender=SITI), photo)
    await rig.take_in()
    await rig.whatsapp(photo)  # the provider did not hear our answer
    await rig.take_in()
    assert await rig.live() == [], "nothing is published before it settles"
    (asked,) = [MediaWanted.model_validate_json(record.value) for record in await rig.log(WANTED.name)]
    assert (asked.message_id, asked.number, asked.source, asked.media_type) == (
        wa("wamid.2"), 0, "wa-kota", "image/jpeg",
    )  # fmt: skip
    opened = rig.sealing.open(asked.reference, subject=str(asked.message_id), field="reference")
    assert opened == b"media-wamid.2"
    await fetched(rig, wa("wamid.2"))
    assert await rig.live() == [], "a file settles nothing"
    await rig.work()
    settled = await rig.one()
    assert (settled.revision, [each.object for each in settled.attachments]) == (1, [KEY])
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "contacts": [], "messages": [image("wamid.lama", sender=SITI)]}}]}]}  # fmt: skip
    await rig.receive("wa-kota", json.dumps(body).encode(), historical=True)
    await rig.take_in()
    assert len(await rig.log(WANTED.name)) == 1, "of old messages nobody is asked"


async def test_what_the_sender_attached_outranks_what_a_photo_tells(rig: Rig) -> None:
    place = {"latitude": -3.3, "longitude": 102.9}
    await rig.whatsapp(
        image("wamid.1", sender=SITI, caption="Lampu jalan di sini mati sejak kemarin malam"),
        {"from": SITI, "id": "wamid.2", "timestamp": "1795489205", "type": "location", "location": place},
    )
    await rig.work()
    await fetched(rig, wa("wamid.1"), latitude=-6.2, longitude=106.8)
    found = next(each for each in await rig.live() if each.attachments)
    assert found.attachments[0].object == KEY
    if found.position_from != "photo":  # the two joined
        assert (found.place.latitude, found.position_from) == (-3.3, "sender")


async def test_a_position_is_not_told_of_what_is_secret(rig: Rig) -> None:
    await rig.whatsapp(
        image("wamid.1", sender=SITI, caption="Tolong rahasiakan laporan ini: pungli di kantor kelurahan")
    )
    await rig.work()
    await fetched(rig, wa("wamid.1"), latitude=-3.2, longitude=102.8)
    found = await rig.one()
    assert found.rahasia
    assert (found.place.latitude, found.position_from) == (None, None)
    private = rig.private(found).place
    assert private is not None
    assert private.latitude == -3.2
