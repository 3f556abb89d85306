"""Which mails no person wrote: machines are named, and no citizen is taken for one because of a word."""

from dataclasses import dataclass, field

import pytest

from recipes.mail.automatic import automatic_reason

PLAIN = "text/plain; charset=utf-8"
COMPLAINT = "Lampu jalan di Jl. Melati RT 03 mati sejak Jumat, mohon diperbaiki."
AWAY = "Terima kasih atas email Anda. Saya sedang di luar kantor sampai 20 Januari."


@dataclass
class Mail:
    reason: str | None
    subject: str = "Lampu mati"
    text: str = COMPLAINT
    sender: str | None = "warga@example.org"
    content_type: str = PLAIN
    headers: dict[str, str] = field(default_factory=dict)


MACHINES = {
    "vacation by RFC 3834": Mail(
        "auto_reply", "Re: Laporan", AWAY, headers={"auto-submitted": "auto-replied (vacation)"}
    ),
    "vacation with parameters": Mail(
        "auto_reply", "Re: x", AWAY, headers={"auto-submitted": 'auto-replied; owner-email="a@b.example"'}
    ),
    "exchange, generated": Mail(
        "auto_reply",
        "Automatic reply: Laporan",
        AWAY,
        headers={"auto-submitted": "auto-generated", "x-auto-response-suppress": "All"},
    ),
    "exchange indonesian": Mail(
        "auto_reply", "Balasan Otomatis: Laporan", AWAY, headers={"x-auto-response-suppress": "All"}
    ),
    "x-autoreply": Mail("auto_reply", "Re: Laporan", AWAY, headers={"x-autoreply": "yes"}),
    "x-autorespond": Mail("auto_reply", "Re: Laporan", AWAY, headers={"x-autorespond": "Laporan"}),
    "precedence auto_reply": Mail("auto_reply", "Re: Laporan", AWAY, headers={"precedence": "auto_reply"}),
    "precedence bulk with a machine's subject": Mail(
        "auto_reply", "Out of Office: Laporan", AWAY, headers={"precedence": "bulk"}
    ),
    "di luar kantor, an answer": Mail(
        "auto_reply", "Di luar kantor: Re: Laporan", "Saya kembali Senin.", headers={"in-reply-to": "<1@kota.example>"}
    ),
    "out of office, no header at all": Mail("auto_reply", "Out of Office", "Back on Monday."),
    "balasan otomatis that says so": Mail("auto_reply", "Balasan otomatis: Laporan Anda", AWAY),
    "sedang cuti": Mail("auto_reply", "Sedang cuti", "Saya akan kembali ke kantor 20 Januari."),
    "auto-reply in brackets": Mail("auto_reply", "[Auto-Reply] Re: Laporan", "We have received your e-mail."),
    "vacation from the null sender": Mail("auto_reply", "Vacation reply: Laporan", AWAY, headers={"return-path": "<>"}),
    "delivery report": Mail(
        "bounce",
        "Undelivered Mail Returned to Sender",
        "x",
        "mailer-daemon@mx.example",
        'multipart/report; report-type=delivery-status; boundary="b"',
        {"auto-submitted": "auto-replied"},
    ),
    "mailer-daemon without a domain": Mail("bounce", "Returned mail: see transcript for details", "x", "MAILER-DAEMON"),
    "null sender": Mail("bounce", "Anything", "x", None, headers={"return-path": "<>"}),
    "exim": Mail(
        "bounce",
        "Mail delivery failed: returning message to sender",
        "x",
        headers={"x-failed-recipients": "a@b.example"},
    ),
    "qmail": Mail("bounce", "failure notice", "Hi. This is the mail program.", "postmaster@mx.example"),
    "outlook undeliverable": Mail("bounce", "Undeliverable: Laporan", "x", "postmaster@mx.example"),
    "outlook tidak terkirim": Mail(
        "bounce", "Tidak terkirim: Laporan", "x", "postmaster@mx.example", headers={"auto-submitted": "auto-generated"}
    ),
    "gmail's failure": Mail(
        "bounce", "Delivery Status Notification (Failure)", "x", "mailer-daemon@googlemail.example"
    ),
    "read receipt": Mail(
        "read_receipt",
        "Read: Laporan",
        "x",
        content_type="multipart/report; report-type=disposition-notification; boundary=b",
    ),
    "read receipt, announced with a null sender": Mail(
        "read_receipt",
        "Dibaca: Laporan",
        "x",
        content_type='multipart/report; boundary=b; report-type="disposition-notification"',
        headers={"return-path": "<>", "auto-submitted": "auto-replied"},
    ),
    "calendar": Mail("calendar", "Undangan: Rapat", "x", content_type="text/calendar; method=REQUEST; charset=utf-8"),
    "our own header": Mail("loop", headers={"x-muara-loop": "1"}),
    "our own header in an automatic reply": Mail(
        "loop", "Re: x", AWAY, headers={"x-muara-loop": "1", "auto-submitted": "auto-replied"}
    ),
    "our own address": Mail("own_notification", sender="Pengaduan@Kota.example"),
    "our own list": Mail("own_notification", headers={"list-id": "Pemberitahuan <info.kota.example>"}),
    "mailing list": Mail(
        "mailing_list", headers={"list-id": "<warga.milis.example>", "list-unsubscribe": "<mailto:u@milis.example>"}
    ),
    "mailing list by precedence": Mail(
        "mailing_list", headers={"precedence": "list", "list-unsubscribe": "<mailto:u@milis.example>"}
    ),
    "newsletter": Mail("bulk", headers={"precedence": "bulk", "list-unsubscribe": "<https://toko.example/u>"}),
    "newsletter with one click": Mail(
        "bulk",
        headers={"list-unsubscribe": "<https://toko.example/u>", "list-unsubscribe-post": "List-Unsubscribe=One-Click"},
    ),
    "web form": Mail("auto_generated", "Pengaduan dari situs", headers={"auto-submitted": "auto-generated"}),
    "notification": Mail("auto_generated", "Pengaduan baru", headers={"auto-submitted": "auto-notified"}),
}

PERSONS = {
    "an ordinary complaint": Mail(None),
    "auto-submitted no": Mail(None, headers={"auto-submitted": "no"}),
    "auto-submitted no, with a machine's subject": Mail(None, "Out of office", headers={"auto-submitted": "No"}),
    "balasan otomatis in the text": Mail(
        None, "Layanan buruk", "WA dinas hanya balasan otomatis, saya sedang di luar kantor lurah menunggu."
    ),
    "balasan otomatis in the subject": Mail(None, "Balasan otomatis WA dinas tidak membantu"),
    "balasan otomatis with a colon": Mail(None, "Balasan otomatis: apa gunanya?"),
    "balasan otomatis alone": Mail(None, "Balasan otomatis", "Tiap saya lapor hanya dapat itu. Lampu tetap mati."),
    "answer to an automatic reply": Mail(
        None, "Re: Balasan otomatis: Laporan", headers={"in-reply-to": "<1@kota.example>"}
    ),
    "out of office in a sentence": Mail(None, "Out of office hours the clinic is closed"),
    "forwarded bounce": Mail(None, "Fwd: Undelivered Mail Returned to Sender", "Surel saya ke dinas tidak sampai."),
    "complains that mail is not delivered": Mail(None, "Pesan tidak terkirim lewat aplikasi aduan"),
    "delivery failure of a parcel": Mail(None, "Delivery failure paket bansos"),
    "outlook adds suppress to ordinary mails": Mail(None, headers={"x-auto-response-suppress": "DR, OOF"}),
    "x-autoreply no": Mail(None, headers={"x-autoreply": "no"}),
    "asks for a receipt": Mail(None, headers={"disposition-notification-to": "warga@example.org"}),
    "postmaster who complains": Mail(None, sender="postmaster@warga.example"),
    "undangan in the subject": Mail(None, "Undangan rapat RT tidak sampai"),
    "attached calendar": Mail(None, content_type="multipart/mixed; boundary=b"),
    "high priority": Mail(None, headers={"precedence": "first-class", "importance": "high"}),
    "list-unsubscribe alone": Mail(None, headers={"list-unsubscribe": "<mailto:u@relay.example>"}),
    "through the agency's own intake group": Mail(
        None,
        headers={
            "list-id": "<aduan.kota.example>",
            "precedence": "list",
            "list-unsubscribe": "<mailto:u@kota.example>",
        },
    ),
    "ordinary return path": Mail(None, headers={"return-path": "<warga@example.org>"}),
    "address that only resembles ours": Mail(None, sender="pengaduan@kota.example.org"),
    "cuti in the subject": Mail(None, "Petugas cuti terus, kantor kosong"),
}


def reason(mail: Mail) -> str | None:
    return automatic_reason(
        {name: [value] for name, value in mail.headers.items()},
        mail.sender,
        mail.subject,
        mail.text,
        mail.content_type,
        own_addresses={"pengaduan@kota.example"},
        own_lists={"info.kota.example"},
        intake_lists={"<aduan.kota.example>"},
    )


@pytest.mark.parametrize("mail", MACHINES.values(), ids=MACHINES.keys())
def test_a_machine_is_named(mail: Mail) -> None:
    assert reason(mail) == mail.reason


@pytest.mark.parametrize("mail", PERSONS.values(), ids=PERSONS.keys())
def test_a_person_is_heard(mail: Mail) -> None:
    assert reason(mail) is None
