"""Quoted history: what mail programs write below and between a citizen's lines goes, what the citizen wrote stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.mail.quotes import strip_quotes

ANSWER = "Lampu di Jl. Melati RT 03 masih mati, Pak."

CUT = {
    "a separator that only says Original": (
        (
            f'{ANSWER}\n\n------------------ Original ------------------\nFrom: "PU" <pu@kota.example>;\n'
            'Date: Mon, Jan 12, 2026 10:00 AM\nTo: "Siti"<siti@warga.example>;\nSubject: Re: Lampu\n\nDiterima.'
        ),
        ANSWER,
    ),
    "a date with from and an address": (
        f"{ANSWER}\n\nMonday, 12 January 2026, 10:00 +07:00 from Dinas PU <pu@kota.example>:\n>Diterima.",
        ANSWER,
    ),
    "gmail indonesian": (
        (
            f"{ANSWER}\n\nPada Sen, 12 Jan 2026 pukul 10.00 Dinas PU <pu@kota.example> menulis:\n\n> Mohon "
            "alamatnya.\n> Admin\n"
        ),
        ANSWER,
    ),
    "gmail indonesian, wrapped attribution": (
        (
            f"{ANSWER}\n\nPada Sen, 12 Jan 2026 pukul 10.00 Pengaduan Dinas Pekerjaan Umum <\n"
            "pengaduan.pu@kota.example> menulis:\n\n> Mohon alamatnya.\n"
        ),
        ANSWER,
    ),
    "gmail english": (
        (
            f"{ANSWER}\n\nOn Mon, Jan 12, 2026 at 10:00 AM Dinas PU <pu@kota.example> wrote:\n\n> Which street?\n"
            ">\n> Admin"
        ),
        ANSWER,
    ),
    "gmail english, wrapped over three lines": (
        (
            f"{ANSWER}\n\nOn Mon, Jan 12, 2026 at 10:00 AM\nPengaduan Kota <pengaduan@kota.example>\nwrote:\n\n> "
            "Which street?"
        ),
        ANSWER,
    ),
    "gmail as rendered html, without marks": (
        f"{ANSWER}\n\nPada Sen, 12 Jan 2026 pukul 10.00 Dinas PU <pu@kota.example> menulis:\nMohon alamatnya.\nAdmin",
        ANSWER,
    ),
    "gmail, old indonesian form": (
        f"{ANSWER}\n\nPada tanggal 12 Januari 2026 10.00, Dinas PU <pu@kota.example> menulis:\n> Mohon alamatnya.",
        ANSWER,
    ),
    "gmail, oldest form": (
        f"{ANSWER}\n\n2026-01-12 10:00 GMT+07:00 Dinas PU <pu@kota.example>:\n\n> Alamatnya?",
        ANSWER,
    ),
    "narrow no-break space in the clock": (
        f"{ANSWER}\n\nOn Mon, Jan 12, 2026 at 10:00\u202fAM Dinas PU <pu@kota.example> wrote:\nWhich street?",
        ANSWER,
    ),
    "apple mail indonesian": (
        f"{ANSWER}\n\nPada 12 Jan 2026, pada 10.00, Dinas PU <pu@kota.example> menulis:\n\nMohon alamatnya.",
        ANSWER,
    ),
    "apple mail english": (
        f"{ANSWER}\n\n> On 12 Jan 2026, at 10:00, Dinas PU <pu@kota.example> wrote:\n> \n> Which street?\n> ",
        ANSWER,
    ),
    "thunderbird indonesian": (f"Pada 12/01/2026 10.00, Dinas PU menulis:\n> Di mana lokasinya?\n\n{ANSWER}", ANSWER),
    "thunderbird english, bottom posted": (
        f"On 12/01/26 10:00, Dinas PU wrote:\n> Where is it?\n>\n\n{ANSWER}",
        ANSWER,
    ),
    "thunderbird, name before the date": (f"{ANSWER}\n\nDinas PU wrote on 12/01/2026 10:00:\n> Where is it?", ANSWER),
    "yahoo indonesian": (
        (
            f"{ANSWER}\n\n    Pada Senin, 12 Januari 2026 pukul 10.00.00 WIB, Dinas PU <pu@kota.example> menulis: "
            " \n \n Alamatnya?"
        ),
        ANSWER,
    ),
    "yahoo english": (
        (
            f"{ANSWER}\n\n    On Monday, January 12, 2026 at 10:00:00 AM GMT+7, Dinas PU <pu@kota.example> wrote: "
            " \n \n Where?"
        ),
        ANSWER,
    ),
    "yahoo on android": (
        (
            f"{ANSWER}\n\nDikirim dari Yahoo Mail di Android\n\n  Pada Sen, 12 Jan 2026 pada 10:00, Dinas "
            "PU<pu@kota.example> "
            "menulis:   Mohon alamatnya.\n"
        ),
        f"{ANSWER}\n\nDikirim dari Yahoo Mail di Android",
    ),
    "outlook indonesian": (
        (
            f"{ANSWER}\n\nDari: Dinas PU <pu@kota.example>\nDikirim: Senin, 12 Januari 2026 10.00\nKepada: "
            "warga@example.org\n"
            "Perihal: RE: Lampu jalan\n\nMohon alamatnya."
        ),
        ANSWER,
    ),
    "outlook english": (
        (
            f"{ANSWER}\n\nFrom: Dinas PU <pu@kota.example>\nSent: Monday, January 12, 2026 10:00 AM\nTo: "
            "warga@example.org\n"
            "Subject: RE: Lampu jalan\n\nWhich street?"
        ),
        ANSWER,
    ),
    "outlook, bold labels": (
        (
            f"{ANSWER}\n\n*From:* Dinas PU <pu@kota.example>\n*Sent:* Monday, January 12, 2026 10:00\n*To:* "
            "warga@example.org\n"
            "*Cc:* camat@kota.example\n*Subject:* RE: Lampu\n\nWhich street?"
        ),
        ANSWER,
    ),
    "outlook web, with a line": (
        (
            f"{ANSWER}\n\n________________________________\nDari: Dinas PU <pu@kota.example>\n"
            "Dikirim: 12 Januari 2026 10:00\nKepada: Warga <warga@example.org>\nSubjek: Re: Lampu\n\nMohon alamatnya."
        ),
        ANSWER,
    ),
    "outlook 2003 indonesian": (
        (
            f"{ANSWER}\n\n-----Pesan Asli-----\nDari: Dinas PU\nDikirim: 12 Januari 2026 10:00\nKepada: Warga\n"
            "Perihal: Lampu\n\nMohon alamatnya."
        ),
        ANSWER,
    ),
    "outlook 2003 english": (
        (
            f"{ANSWER}\n\n-----Original Message-----\nFrom: Dinas PU [mailto:pu@kota.example]\nSent: 12 "
            "January 2026 10:00\n"
            "To: Warga\nSubject: Lampu\n\nWhich street?"
        ),
        ANSWER,
    ),
    "original message, nothing else said": (f"{ANSWER}\n\n----- Original Message -----\n\nWhich street?", ANSWER),
    "samsung, all on one line": (
        (
            f"{ANSWER}\n\n-------- Pesan asli --------Dari: Dinas PU <pu@kota.example> Tanggal: 12/01/26 10.00 "
            "(GMT+07:00)\nAlamat?"
        ),
        ANSWER,
    ),
    "samsung english": (
        (
            f"{ANSWER}\n\n-------- Original message --------\nFrom: Dinas PU <pu@kota.example>\nDate: "
            "12/01/2026 10:00\n"
            "To: warga@example.org\nSubject: Re: Lampu\n\nWhere?"
        ),
        ANSWER,
    ),
    "proton": (
        (
            f"{ANSWER}\n\n-------- Original Message --------\nOn Monday, 12 January 2026 at 10:00, PU "
            "<pu@kota.example> wrote:\n\n> Where?"
        ),
        ANSWER,
    ),
    "zoho": (f"{ANSWER}\n\n---- On Mon, 12 Jan 2026 10:00:00 +0700 PU <pu@kota.example> wrote ----\nWhere?", ANSWER),
    "help desk marker": (
        f"{ANSWER}\n\n##- Silakan ketik balasan di atas baris ini -##\n\nTiket 12: mohon alamat.",
        ANSWER,
    ),
    "help desk marker english": (f"{ANSWER}\n\n-- Please reply above this line --\n\nTicket 12", ANSWER),
    "complaint above a forwarded mail": (
        (
            f"{ANSWER} Sudah tiga minggu gelap.\n\n---------- Forwarded message ---------\nDari: PLN "
            "<pln@kota.example>\n"
            "Date: Sen, 12 Jan 2026 10.00\nSubject: Jadwal\nTo: <warga@example.org>\n\nJadwal pemadaman terlampir."
        ),
        f"{ANSWER} Sudah tiga minggu gelap.",
    ),
    "deeply nested": (f"{ANSWER}\n\n>>> satu\n>> dua\n> tiga\n", ANSWER),
    "thanks above an answer of ours": (
        (
            "Terima kasih.\n\nDari: Dinas PU <pu@kota.example>\nDikirim: 12 Januari 2026 10:00\nKepada: Warga\n"
            "Perihal: Lampu\n\nSudah kami perbaiki."
        ),
        "Terima kasih.",
    ),
}

INTERLEAVED = {
    "answers between the questions": (
        (
            "Pada Sen, 12 Jan 2026 pukul 10.00 Dinas PU <pu@kota.example> menulis:\n> Di mana?\nJl. Melati 5.\n\n"
            "> Sejak kapan?\nSejak Jumat."
        ),
        "Jl. Melati 5.\n\nSejak Jumat.",
    ),
    "greeting, then answers": (
        (
            "Selamat pagi, Bu.\n\nOn Mon, Jan 12, 2026 at 10:00 AM PU <pu@kota.example> wrote:\n\n> Where?\n\n"
            "Jl. Melati 5.\n\n> When?\n\nFriday."
        ),
        "Selamat pagi, Bu.\n\nJl. Melati 5.\n\nFriday.",
    ),
    "without an attribution": ("> Di mana?\nJl. Melati 5.\n> Sejak kapan?\nJumat.", "Jl. Melati 5.\nJumat."),
}

FORWARDED = {
    "gmail": (
        (
            "---------- Forwarded message ---------\nDari: Sari <sari@example.org>\nDate: Sen, 12 Jan 2026 "
            "pukul 10.00\n"
            f"Subject: Lampu mati\nTo: <camat@kota.example>\n\n\n{ANSWER}"
        ),
        ANSWER,
    ),
    "gmail indonesian": (
        (
            "---------- Pesan terusan ---------\nDari: Sari <sari@example.org>\nTanggal: Sen, 12 Jan 2026 pukul 10.00\n"
            f"Subjek: Lampu mati\nKepada: <camat@kota.example>\n\n{ANSWER}"
        ),
        ANSWER,
    ),
    "apple": (
        (
            "Begin forwarded message:\n\n> From: Sari <sari@example.org>\n> Date: 12 January 2026 at "
            "10:00:00 WIB\n> To: camat@kota.example\n"
            f"> Subject: Lampu mati\n> \n> {ANSWER}"
        ),
        ANSWER,
    ),
    "apple indonesian, unquoted": (
        (
            "Awal pesan yang diteruskan:\n\nDari: Sari <sari@example.org>\nPerihal: Lampu mati\nTanggal: 12 "
            "Januari 2026 10.00 WIB\n"
            f"Kepada: camat@kota.example\n\n{ANSWER}"
        ),
        ANSWER,
    ),
    "thunderbird": (
        (
            "-------- Forwarded Message --------\nSubject: \tLampu mati\nDate: \tMon, 12 Jan 2026 10:00:00 +0700\n"
            f"From: \tSari <sari@example.org>\nTo: \tcamat@kota.example\n\n{ANSWER}"
        ),
        ANSWER,
    ),
    "outlook": (
        (
            "From: Sari <sari@example.org>\nSent: Monday, January 12, 2026 10:00 AM\nTo: camat@kota.example\n"
            f"Subject: Lampu mati\n\n{ANSWER}"
        ),
        ANSWER,
    ),
    "from a telephone": (
        (
            "Dikirim dari iPhone saya\n\nBegin forwarded message:\n\nFrom: Sari <sari@example.org>\nDate: 12 "
            "January 2026 10:00\n"
            f"To: camat@kota.example\nSubject: Lampu\n\n{ANSWER}"
        ),
        f"Dikirim dari iPhone saya\n\n{ANSWER}",
    ),
    "with a note that passes it on": (
        (
            "Mohon ditindaklanjuti, terima kasih.\n\n---------- Forwarded message ---------\nFrom: Sari "
            "<sari@example.org>\n"
            f"Date: Mon, 12 Jan 2026 at 10:00\nSubject: Lampu mati\nTo: <camat@kota.example>\n\n{ANSWER}"
        ),
        f"Mohon ditindaklanjuti, terima kasih.\n\n{ANSWER}",
    ),
    "forwarded twice": (
        (
            "---------- Forwarded message ---------\nFrom: Camat <camat@kota.example>\nDate: Tue, 13 Jan "
            "2026 at 9:00\nSubject: Fwd: Lampu\n"
            "To: <pu@kota.example>\n\n---------- Forwarded message ---------\nFrom: Sari <sari@example.org>\n"
            "Date: Mon, 12 Jan 2026 at 10:00\n"
            f"Subject: Lampu\nTo: <camat@kota.example>\n\n{ANSWER}"
        ),
        ANSWER,
    ),
    "forwarded with its own history": (
        (
            "---------- Forwarded message ---------\nFrom: Sari <sari@example.org>\nDate: Mon, 12 Jan 2026 "
            "at 10:00\nSubject: Re: Lampu\n"
            f"To: <rt@kota.example>\n\n{ANSWER}\n\nOn Sun, Jan 11, 2026 at 9:00 AM RT <rt@kota.example> "
            "wrote:\n> Lampu apa?"
        ),
        ANSWER,
    ),
}

UNTOUCHED = {
    "nothing quoted": ANSWER,
    "only a quotation": "On Mon, Jan 12, 2026 at 10:00 AM PU <pu@kota.example> wrote:\n\n> Which street?",
    "a letter's head": "Dari: Warga RT 03\nKepada: Kepala Dinas PU\nPerihal: Lampu jalan mati\n\nDengan "
    "hormat,\nLampu mati.",
    "a letter's head with a date, mid-text": (
        "Berikut laporan kami.\n\nDari: Warga RT 03\nTanggal: 12 Januari 2026\nPerihal: Lampu mati\n\nLampu mati semua."
    ),
    "more than": "Sampah menumpuk\n> 2 minggu tidak diangkut\nmohon dibantu",
    "a list with angle brackets": "Keluhan kami:\n> jalan berlubang\n> lampu mati\n> got mampet",
    "somebody wrote something": "Pada 12 Januari 2026 petugas menulis:\nbayar dulu 50 ribu\nPadahal gratis.",
    "pada in a sentence": "Pada papan pengumuman, Pak Lurah menulis: dilarang buang sampah. Tapi tetap ada.",
    "arrows": "Ruas Pasar -> Terminal macet\n=> mohon petugas",
    "a rule between two paragraphs": "Lampu mati.\n\n----------------\n\nGot mampet juga.",
    "original message, in a sentence": "Pesan asli dari pak RT sudah saya hapus.\nMohon maaf.",
    "forwarding, in a sentence": "Pesan terusan di grup WA bilang air mati.\nBenarkah?",
    "a form": "Nama: Sari\nTanggal: 12 Januari 2026\nSubjek: Lampu\nIsi: lampu mati di Jl. Melati",
}


@pytest.mark.parametrize(("text", "expected"), CUT.values(), ids=CUT.keys())
def test_history_is_cut(text: str, expected: str) -> None:
    assert strip_quotes(text) == expected


@pytest.mark.parametrize(("text", "expected"), INTERLEAVED.values(), ids=INTERLEAVED.keys())
def test_answers_between_quoted_lines_stay(text: str, expected: str) -> None:
    assert strip_quotes(text) == expected


@pytest.mark.parametrize(("text", "expected"), FORWARDED.values(), ids=FORWARDED.keys())
def test_a_forwarded_complaint_is_the_complaint(text: str, expected: str) -> None:
    assert strip_quotes(text) == expected


@pytest.mark.parametrize("text", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_what_the_citizen_wrote_is_untouched(text: str) -> None:
    assert strip_quotes(text) == text


@given(
    st.lists(
        st.sampled_from(
            [
                *ANSWER.split(),
                "\n",
                "\n\n",
                "> ",
                "--",
                "Dari:",
                "Pada 12/1/2026 10.00 X menulis:",
                "From: a@b.example",
                "Sent: 10:00",
            ]
        ),
        max_size=40,
    )
)
def test_something_always_remains_and_nothing_is_invented(words: list[str]) -> None:
    text = " ".join(words)
    stripped = strip_quotes(text)
    assert bool(stripped.strip()) == bool(text.strip())
    assert set(stripped.split()) <= set(text.split())
