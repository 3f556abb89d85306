"""Pieces of one conversation become one complaint: by the sender's clock, however they arrive (traps 2 and 18)."""

import base64
import json
from email.message import EmailMessage

import pytest

from normalizer.intake.contents import counted
from normalizer.source import GatherPolicy
from schemas.identity import complaint_id
from schemas.topics import RAW
from tests.runtime.contents.samples import exif, jpeg, segment

from .rig import KETUT, SITI, WAYAN, Rig, image, text, wa


async def test_a_conversation_in_pieces_is_one_complaint(rig: Rig) -> None:
    first = await rig.say("Pak")
    await rig.say("mau lapor lampu jalan mati", after=20)
    await rig.take_in()
    rig.clock.advance(60)
    await rig.settle()
    assert await rig.live() == []  # the quiet period still runs
    await rig.say("di Jalan Melati RT 3 ya", after=70)
    await rig.work()
    complaint = await rig.one()
    assert complaint.complaint_id == complaint_id(first)
    assert "lampu jalan mati" in complaint.text
    assert "RT 3" in complaint.text
    assert complaint.place.street is not None
    assert complaint.place.rt == "003"
    assert [supporter.reason for supporter in complaint.supporters] == ["conversation"] * 2
    assert complaint.revision == 1
    assert await rig.counts("complaint", "merged") == (1, 2)


async def test_an_album_is_one_complaint_with_all_its_pictures(rig: Rig) -> None:
    """Trap 2."""
    for number in range(5):  # five requests at once, as they come
        await rig.whatsapp(image(f"wamid.album{number}", caption="Sampah menumpuk di TPS" if number == 2 else None))
    await rig.work()
    complaint = await rig.one()
    assert len(complaint.attachments) == 5
    assert "Sampah menumpuk" in complaint.text
    assert await rig.counts("complaint", "merged") == (1, 4)


async def test_a_longer_pause_begins_another_complaint(rig: Rig) -> None:
    await rig.say("Lampu jalan mati di Jalan Melati")
    await rig.say("Sampah di pasar tidak diangkut sudah seminggu", after=91)
    await rig.work()
    assert len(await rig.live()) == 2
    assert await rig.counts("complaint", "merged") == (2, 0)


async def test_a_talkative_sender_is_not_waited_for_without_end(rig: Rig) -> None:
    for number in range(10):  # a message each minute: never quiet
        await rig.say(f"Got di gang nomor {number} mampet dan berbau", after=60 * number)
    await rig.take_in()
    found = (await rig.ledger()).counts
    assert (found["complaint"], found["merged"]) == (2, 8)


async def test_a_complaint_waits_for_news_but_not_for_ever(rig: Rig) -> None:
    for number in range(6):
        await rig.say(f"keterangan {number}: air PDAM keruh", after=50 * number)
        await rig.take_in()
        rig.clock.advance(50)
        await rig.settle()
    assert len(await rig.live()) == 1  # five minutes after its first message it was published, though never quiet


async def test_a_backlog_is_split_as_it_would_have_been_live(rig: Rig) -> None:
    await rig.say("Jalan berlubang di depan kantor camat")
    await rig.say("Air PDAM mati sejak pagi di Banyuning", after=3600)
    await rig.say("sampai sekarang masih mati airnya", after=3620)
    await rig.work()
    assert len(await rig.live()) == 2


async def test_pieces_out_of_order_come_to_where_they_belong(rig: Rig) -> None:
    await rig.say("Pohon tumbang menutup jalan", after=0)
    await rig.say("Ada juga kabel listrik putus di Jalan Kenanga", after=400)
    await rig.say("di Jalan Melati, tolong segera", after=30)  # the provider delivers it late
    await rig.work()
    melati, kenanga = await rig.live()
    assert "Melati" in melati.text
    assert "Melati" not in kenanga.text


async def test_a_piece_that_is_delivered_after_the_settling_is_a_new_revision(rig: Rig) -> None:
    await rig.say("Pohon tumbang menutup jalan")
    await rig.work()
    await rig.say("di Jalan Melati dekat SD 3", after=40)
    await rig.work()
    complaint = await rig.one()
    assert complaint.revision == 2
    assert "Melati" in complaint.text
    assert await rig.counts("complaint", "merged") == (1, 1)


async def test_other_people_are_other_conversations(rig: Rig) -> None:
    await rig.say("Lampu jalan mati di Jalan Melati", sender=SITI)
    await rig.say("Sampah di pasar tidak diangkut", sender=WAYAN, name="Wayan Contoh")
    await rig.work()
    assert len(await rig.live()) == 2


@pytest.mark.parametrize("gather", [GatherPolicy(wait=GatherPolicy().wait * 0)])
async def test_without_waiting_every_message_stands_alone_at_once(rig: Rig) -> None:
    await rig.say("Lampu jalan mati di Jalan Melati")
    await rig.say("Sampah di pasar tidak diangkut", after=5)
    await rig.work(wait=0)
    assert len(await rig.live()) == 2


@pytest.mark.parametrize(
    ("change", "revisions", "shown", "hidden"),
    [
        (
            {
                "type": "edit",
                "edit": {"original_message_id": "wamid.1", "message": {"text": {"body": "Banjir di RT 4"}}},
            },
            2,
            "RT 4",
            "RT 9",
        ),
        ({"type": "revoke", "revoke": {"original_message_id": "wamid.1"}}, 2, "RT 9", "RT 4"),
        ({"type": "text", "text": {"body": "sudah RT 4 juga"}, "context": {"id": "wamid.1"}}, 2, "RT 4", "tidak ada"),
    ],
    ids=["edit", "delete", "reply"],
)
async def test_what_refers_to_a_settled_complaint_is_a_new_revision_of_it(
    rig: Rig, change: dict[str, object], revisions: int, shown: str, hidden: str
) -> None:
    """What a citizen deletes later stays: it was received."""
    await rig.whatsapp(text("Banjir di RT 9", ident="wamid.1"))
    await rig.work()
    stamp = {"from": SITI, "id": "wamid.2", "timestamp": str(int(rig.clock().timestamp()) + 86_400)}
    await rig.whatsapp({**stamp, **change})
    await rig.work()
    complaint = await rig.one()
    assert complaint.revision == revisions
    assert shown in complaint.text
    assert hidden not in complaint.text
    assert await rig.counts("complaint", "merged", "ignored") == (1, 1, 0)


async def test_what_refers_to_something_unknown_stands_alone(rig: Rig) -> None:
    await rig.whatsapp(
        {
            **text("", ident="wamid.9"),
            "type": "edit",
            "edit": {"original_message_id": "wamid.never", "message": {"text": {"body": "Banjir di RT 4"}}},
        }
    )
    await rig.work()
    assert "RT 4" in (await rig.one()).text


async def test_what_refers_to_a_merged_complaint_reaches_the_one_in_which_it_lives_on(rig: Rig) -> None:
    await rig.whatsapp(text("Lampu penerangan jalan mati di depan SDN 4 Jalan Melati RT 3", ident="wamid.1"))
    await rig.work()
    await rig.whatsapp(
        text("Lampu penerangan jalan mati di depan SDN 4 Jalan Melati RT 3", ident="wamid.2", after=7200)
    )
    await rig.work()
    assert [complaint.complaint_id for complaint in await rig.live()] == [complaint_id(wa("wamid.1"))]
    await rig.whatsapp(
        text("gelap sekali tiap malam, rawan begal", ident="wamid.3", after=90_000, context={"id": "wamid.2"})
    )
    await rig.work()
    complaint = await rig.one()
    assert "rawan begal" in complaint.text
    assert {supporter.message_id for supporter in complaint.supporters} == {wa("wamid.2"), wa("wamid.3")}
    assert await rig.counts("complaint", "merged") == (1, 2)


@pytest.mark.parametrize(
    ("words", "reason"),
    [("P", "test"), ("Selamat pagi pak", "greeting"), ("tes", "test")],
)
async def test_what_is_no_complaint_is_ignored_for_a_reason(rig: Rig, words: str, reason: str) -> None:
    message = await rig.say(words)
    await rig.work()
    assert await rig.live() == []
    assert await rig.states() == {message: ("ignored", reason)}
    assert await rig.counts("complaint", "ignored") == (0, 1)


async def test_a_withdrawal_of_something_unknown_is_empty(rig: Rig) -> None:
    message = {"type": "revoke", "revoke": {"original_message_id": "wamid.never"}}
    await rig.whatsapp({"from": SITI, "id": "wamid.1", "timestamp": str(int(rig.clock().timestamp())), **message})
    await rig.work()
    assert await rig.states() == {wa("wamid.1"): ("ignored", "empty")}


async def test_spam_is_ignored(rig: Rig) -> None:
    await rig.say("PROMO SLOT GACOR maxwin daftar sekarang https://slot.example bonus 100% deposit pulsa")
    await rig.work()
    assert await rig.counts("complaint", "ignored") == (0, 1)


async def test_pieces_of_nothing_are_all_ignored(rig: Rig) -> None:
    await rig.say("Pak")
    await rig.say("selamat siang", after=10)
    await rig.work()
    assert await rig.counts("complaint", "merged", "ignored") == (0, 0, 2)


async def test_a_ping_before_a_complaint_belongs_to_it(rig: Rig) -> None:
    ping = await rig.say("P")
    await rig.say("Jalan berlubang di depan pasar Banyuasri", after=30)
    await rig.work()
    assert (await rig.one()).complaint_id == complaint_id(ping)
    assert await rig.counts("complaint", "merged", "ignored") == (1, 1, 0)


async def test_a_ping_that_was_ignored_keeps_nobody_from_complaining(rig: Rig) -> None:
    await rig.say("P")
    await rig.work()
    await rig.say("Jalan berlubang di depan pasar Banyuasri", after=30)
    await rig.work()
    assert "berlubang" in (await rig.one()).text
    assert await rig.counts("complaint", "ignored") == (1, 1)


@pytest.mark.parametrize(
    "words",
    ["Lampu\x00 jalan mati di Jalan Melati", "Lampu jalan mati \ud83d di Jalan Melati", "Jalan rusak. " * 620],
    ids=["NUL", "lone surrogate", "8,000 characters"],
)
async def test_odd_texts_come_through(rig: Rig, words: str) -> None:
    """Trap 18."""
    await rig.say(words)
    await rig.work()
    complaint = await rig.one()
    assert "alan" in complaint.text
    assert "\x00" not in complaint.text
    assert complaint.text.encode()
    assert await rig.counts("complaint") == (1,)


async def test_a_picture_without_words_and_a_place_without_words_are_complaints(rig: Rig) -> None:
    """Trap 18."""
    await rig.whatsapp(image("wamid.p"))
    place = {"latitude": -8.112, "longitude": 115.088, "name": "Taman Kota"}
    await rig.whatsapp(
        {**text("", ident="wamid.l", sender=WAYAN), "type": "location", "location": place}, name="Wayan Contoh"
    )
    await rig.work()
    picture, location = await rig.of(wa("wamid.p")), await rig.of(wa("wamid.l"))
    assert (picture.text, len(picture.attachments)) == ("", 1)
    assert picture.title
    assert (location.place.latitude, location.place.longitude) == (-8.112, 115.088)
    assert location.title


async def test_a_mail_keeps_its_attachment_sealed(rig: Rig) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Komang Contoh <komang@warga.example>", "lapor@kota.example"
    mail["Subject"], mail["Message-ID"] = "Trotoar rusak", "<1@warga.example>"
    mail.set_content("Trotoar di Jalan Ahmad Yani rusak.")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="surat Komang Contoh.pdf")
    await rig.receive("surel-kota", mail.as_bytes(), "message/rfc822")
    await rig.work()
    complaint = await rig.one()
    (attachment,) = complaint.attachments
    assert attachment.object is not None
    assert attachment.reference is None
    assert "Komang" not in (attachment.filename or "")
    assert complaint.title == "Trotoar rusak"


async def test_the_parts_of_a_long_sms_make_one_text_whatever_their_order(rig: Rig) -> None:
    """The network cuts where the SMS is full: in the middle of a word, or of an emoji. A second SMS is a line of its
    own: half an emoji of it is nobody's other half.
    """
    parts = {
        1: "Lampu jalan di depan pasar mati, sudah dilaporkan ke RT tetapi bel",
        2: "um diperbaiki sampai sek",
        3: "arang \ud83d",
        4: "\ude21 \ud83d",
    }
    for part in (2, 4, 3, 1):
        sms = {
            "msisdn": SITI, "messageId": f"0A{part}", "text": parts[part], "type": "text", "concat": "true",
            "concat-ref": "21", "concat-total": "4", "concat-part": str(part),
            "message-timestamp": "2026-11-24 03:00:00",
        }  # fmt: skip
        await rig.receive("sms-panjang", json.dumps(sms).encode())
    more = {
        "msisdn": SITI,
        "messageId": "0A9",
        "text": "\ude21 RT 3 ya",
        "type": "text",
        "message-timestamp": "2026-11-24 03:00:20",
    }
    await rig.receive("sms-panjang", json.dumps(more).encode())
    await rig.work()
    assert (await rig.one()).text == (
        "Lampu jalan di depan pasar mati, sudah dilaporkan ke RT tetapi belum diperbaiki sampai sekarang "
        "😡 \ufffd\n\ufffd RT 3 ya"
    )


async def test_files_within_a_message_are_kept_sealed_without_what_they_tell(rig: Rig) -> None:
    place = segment(0xE1, b"Exif\0\0" + exif())
    files = {
        "a.jpg": jpeg(place, segment(0xFE, b"KameraX")),
        "b.jpg": b"MZ" + bytes(200),  # a program, whatever it is called
        "c.jpg": b"\xff\xd8\xff\xe0",  # broken off
        "d.jpg": b"",
    }
    mail = {
        "FromFull": {"Email": "komang@warga.example", "Name": "Komang Contoh"},
        "MessageID": "m-1",
        "Subject": "Trotoar rusak",
        "TextBody": "Trotoar di Jalan Ahmad Yani rusak.",
        "Attachments": [
            {"Name": name, "Content": base64.b64encode(each).decode(), "ContentType": "image/jpg", "ContentLength": 4}
            for name, each in files.items()
        ],
    }
    await rig.receive("surel-postmark", json.dumps(mail).encode())
    await rig.work()
    complaint = await rig.one()
    assert [each.filename for each in complaint.attachments] == list(files)
    photo, *left = complaint.attachments
    assert photo.object is not None
    assert [each.object for each in left] == [None] * 3
    kept = await rig.reader._objects.get(photo.object)
    assert kept.startswith(b"\xff\xd8")
    assert b"KameraX" not in kept
    assert (photo.media_type, photo.size) == ("image/jpeg", len(kept))
    read = await rig.reader.read(await rig.log(RAW.name))
    counts = counted(each.outcome for each in read)
    assert counts == {("postmark", "kept"): 1, ("postmark", "left"): 2}, "one came without any content"
    assert (complaint.place.latitude, complaint.position_from) == (-3.294511, "photo")


async def test_rows_of_a_file_are_no_conversation(rig: Rig) -> None:
    await rig.row(1, isi="Lampu jalan mati di Jalan Melati", telepon="081100000041")
    await rig.row(2, isi="Sampah menumpuk di pasar", telepon="081100000041")
    await rig.work(wait=0)
    assert len(await rig.live()) == 2


async def test_a_webhook_with_many_messages_loses_none(rig: Rig) -> None:
    """Trap 3, and a broken one among them."""
    value = {
        "contacts": [],
        "messages": [
            text("Lampu jalan mati di Jalan Melati", ident="wamid.1"),
            "broken",
            text("Sampah di pasar tidak diangkut", ident="wamid.2", sender=KETUT),
        ],
        "statuses": [{"id": "wamid.OUT", "status": "read", "timestamp": "1795503900", "recipient_id": SITI}],
    }
    change = {"field": "messages", "value": value}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    await rig.receive("wa-kota", json.dumps(body).encode())
    await rig.work()
    assert len(await rig.live()) == 2
    assert await rig.counts("complaint", "dead") == (2, 1)
