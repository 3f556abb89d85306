"""Traps that the best peers fell into, end to end: repeats, albums, batches, odd texts (WhatsApp and SMS)."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from .town import Person, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
People = Callable[[str], Person]


async def two_sockets(town: Town, body: bytes) -> list[int]:
    """The same request over two connections, whose last bytes go out in one moment; the status codes."""
    where = urlsplit(town.url)
    fields = {"Host": where.netloc, "Connection": "close", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in (fields | town.whatsapp_headers(body)).items())
    request = f"POST /in/wa-kota HTTP/1.1\r\n{head}\r\n".encode() + body
    pairs = [await asyncio.open_connection(where.hostname, where.port) for _ in range(2)]
    for _, writer in pairs:
        writer.write(request[:-1])
        await writer.drain()
    for _, writer in pairs:
        writer.write(request[-1:])
    answers = await asyncio.gather(*(reader.read() for reader, _ in pairs))
    for _, writer in pairs:
        writer.close()
    return [int(answer.split()[1]) for answer in answers]


async def test_trap_01_the_same_id_twice_in_a_row_and_again_after_it_was_delivered(town: Town, person: People) -> None:
    siti = person("Siti Contoh")
    body = town.whatsapp_body(town.text(siti, "Lampu jalan di Jalan Melati RT 3 mati sudah seminggu"), name=siti.name)
    assert [(await town.post_whatsapp(body)).status_code for _ in range(2)] == [200, 200]
    gained = await town.rest(1)
    assert (gained["complaints"], gained["redelivered"], gained["delivered"]) == (1, 1, 1)
    assert (await town.post_whatsapp(body)).status_code == 200
    assert await town.rest() == {"redelivered": 1}
    report, shown = await town.report(siti)
    assert report.formulir["isi"] == "Lampu jalan di Jalan Melati RT 3 mati sudah seminggu"
    assert shown["supporters"] == []


async def test_trap_01_the_same_id_twice_at_the_same_instant_over_two_sockets(town: Town, person: People) -> None:
    budi = person("Budi Contoh")
    for number in range(5):
        said = town.text(budi, f"Pohon tumbang menutup gang nomor {number}", after=1000.0 * number)
        assert await two_sockets(town, town.whatsapp_body(said)) == [200, 200]
    gained = await town.rest(5)
    assert (gained["redelivered"], gained["complaints"] + gained.get("merged", 0)) == (5, 5)
    assert len(await town.reports(budi)) == gained["delivered"] == gained["complaints"]


async def test_trap_02_an_album_of_five_images_within_300_ms_is_one_complaint(town: Town, person: People) -> None:
    made = person("Made Contoh")
    images = [
        town.message(made, "image", {"id": f"90{n}", "mime_type": "image/jpeg"}, after=n * 0.06) for n in range(5)
    ]
    images[2]["image"]["caption"] = "Sampah menumpuk di belakang Pasar Contoh"
    answers = await asyncio.gather(*(town.whatsapp(image, name=made.name) for image in images))
    assert {answer.status_code for answer in answers} == {200}
    gained = await town.rest(5)
    assert (gained["complaints"], gained["merged"], gained["delivered"]) == (1, 4, 1)
    report, shown = await town.report(made)
    assert report.formulir["isi"] == "Sampah menumpuk di belakang Pasar Contoh"
    assert [file["media_type"] for file in shown["attachments"]] == ["image/jpeg"] * 5
    assert {each["reason"] for each in shown["supporters"]} == {"conversation"}


async def test_trap_03_a_webhook_with_several_messages_and_statuses_loses_none(town: Town, person: People) -> None:
    first, second, third = person("Ayu Contoh"), person("Gede Contoh"), person("Putu Contoh")
    receipts = await town.metric("muara_messages_received_total", channel="whatsapp_cloud", outcome="receipt")
    answer = await town.whatsapp(
        town.text(first, "Air PDAM keruh di Perumahan Anggrek blok B"),
        town.message(second, "reaction", {"message_id": "wamid.x", "emoji": "👍"}),
        town.text(second, "Trotoar di depan SMP 9 rusak parah"),
        town.message(third, "image", {"id": "911", "mime_type": "image/png", "caption": "Baliho roboh di Jl Kenari"}),
        {"from": third.digits, "id": "wamid.hologram", "timestamp": "1", "type": "hologram"},
        statuses=[
            {"id": "wamid.a", "status": status, "timestamp": "1", "recipient_id": first.digits}
            for status in ("sent", "delivered")
        ],
    )
    assert answer.status_code == 200
    gained = await town.rest(5)
    assert (gained["complaints"], gained["ignored"], gained["dead"], gained["delivered"]) == (3, 1, 1, 3)
    said = [(await town.report(someone))[0].formulir["isi"] for someone in (first, second, third)]
    assert said == [
        "Air PDAM keruh di Perumahan Anggrek blok B",
        "Trotoar di depan SMP 9 rusak parah",
        "Baliho roboh di Jl Kenari",
    ]
    after = await town.metric("muara_messages_received_total", channel="whatsapp_cloud", outcome="receipt")
    assert after - receipts == 2


@pytest.mark.parametrize(
    ("words", "arrives"),
    [
        ("Jembatan\u0000 di Dusun Kelapa retak", "Jembatan\ufffd di Dusun Kelapa retak"),
        ("Selokan \ud83d di Dusun Nangka mampet", "Selokan \ufffd di Dusun Nangka mampet"),
        ("Kabel \udc00listrik di Dusun Salak menjuntai", "Kabel \ufffdlistrik di Dusun Salak menjuntai"),
    ],
    ids=["nul", "high_surrogate", "low_surrogate"],
)
async def test_trap_18_nul_and_lone_surrogates(words: str, arrives: str, town: Town, person: People) -> None:
    someone = person("Wayan Contoh")
    assert (await town.whatsapp(town.text(someone, words), name="Wayan\u0000 Contoh")).status_code == 200
    assert (await town.rest(1))["delivered"] == 1
    report, shown = await town.report(someone)
    assert report.formulir["isi"] == arrives
    assert shown["text"] == arrives
    assert report.formulir["pelapor"] == {"nama": "Wayan\ufffd Contoh", "telepon": someone.phone, "surel": None}


async def test_trap_18_an_sms_of_8000_characters(town: Town, person: People) -> None:
    someone = person("Nyoman Contoh")
    long = " ".join(f"Banjir di Gang Manggis hari ke {day} setinggi lutut." for day in range(200))[:8000].strip()
    assert (await town.sms(someone, long, "SM18a")).status_code == 200
    assert (await town.rest(1))["delivered"] == 1
    report, shown = await town.report(someone)
    assert report.formulir["isi"] == long
    assert shown["text"] == long
    assert 0 < len(shown["title"]) <= 150


async def test_trap_18_an_empty_text_with_one_image(town: Town, person: People) -> None:
    someone = person("Ketut Contoh")
    await town.whatsapp(town.message(someone, "image", {"id": "921", "mime_type": "image/jpeg"}))
    assert (await town.rest(1))["delivered"] == 1
    report, shown = await town.report(someone)
    assert "tanpa uraian" in str(report.formulir["isi"])
    assert (shown["title"], shown["text"]) == ("Lampiran tanpa keterangan", "")
    assert len(shown["attachments"]) == 1


async def test_trap_18_a_location_without_text(town: Town, person: People) -> None:
    someone = person("Komang Contoh")
    await town.whatsapp(town.message(someone, "location", {"latitude": -6.2001, "longitude": 106.8167}))
    assert (await town.rest(1))["delivered"] == 1
    report, shown = await town.report(someone)
    assert (report.formulir["lintang"], report.formulir["bujur"]) == (-6.2001, 106.8167)
    assert shown["title"] == "Lokasi tanpa keterangan"


async def test_trap_18_an_edited_message_takes_the_place_of_what_it_edits(town: Town, person: People) -> None:
    someone = person("Luh Contoh")
    first = town.text(someone, "Jalan berlubang di Gang Duku")
    await town.whatsapp(first)
    await town.rest(1)
    better = {"type": "text", "text": {"body": "Jalan berlubang di Gang Duku nomor 7"}}
    changed = {"original_message_id": first["id"], "message": better}
    await town.whatsapp(town.message(someone, "edit", changed, after=30))
    gained = await town.rest(1)
    assert gained == {"received": 1, "merged": 1}
    report, shown = await town.report(someone)
    assert report.formulir["isi"] == shown["text"] == "Jalan berlubang di Gang Duku nomor 7"
    assert [each["reason"] for each in shown["supporters"]] == ["edit"]


async def test_trap_18_a_deleted_message_was_received_all_the_same(town: Town, person: People) -> None:
    someone = person("Rai Contoh")
    first = town.text(someone, "Pungutan liar di loket parkir Terminal Jeruk")
    await town.whatsapp(first)
    await town.rest(1)
    await town.whatsapp(town.message(someone, "revoke", {"original_message_id": first["id"]}, after=20))
    assert await town.rest(1) == {"received": 1, "merged": 1}
    report, shown = await town.report(someone)
    assert report.formulir["isi"] == shown["text"] == "Pungutan liar di loket parkir Terminal Jeruk"
