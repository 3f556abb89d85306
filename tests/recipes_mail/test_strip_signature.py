"""Signatures and footers: closings, device lines and disclaimers go, not one sentence of a complaint does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.mail.signatures import strip_signature

BODY = "Lampu jalan di Jl. Melati RT 03 mati sejak Jumat.\nMohon segera diperbaiki."
UNPLACED = "Lampu jalan mati sejak Jumat, mohon segera diperbaiki."
DISCLAIMER_ID = (
    "Pesan ini beserta lampirannya bersifat rahasia dan hanya ditujukan kepada penerima yang dimaksud. "
    "Apabila Anda bukan "
    "penerima yang dimaksud, dilarang menyebarluaskan pesan ini; mohon segera menghapusnya dan memberitahu pengirim."
)
DISCLAIMER_EN = (
    "This e-mail and any attachments are confidential and intended solely for the use of the individual or "
    "entity to whom "
    "they are addressed. If you have received this email in error please notify the sender and delete it."
)

CUT = {
    "standard separator": (f"{BODY}\n\n-- \nSari Invenita\nBendahara\n+62 811-0000-1234", BODY),
    "separator that lost its space": (f"{BODY}\n\n--\nSari Invenita\n0811-0000-1234", BODY),
    "thanks with name, title and telephone": (
        f"{BODY}\n\nTerima kasih,\nSari Invenita\nKetua Karang Taruna\nTelp. 0811-0000-1234",
        BODY,
    ),
    "thanks alone": (f"{BODY}\n\nTerima kasih.", BODY),
    "thanks in lower case with a name": (f"{BODY}\nmakasih\nsari", BODY),
    "thanks for the attention": (f"{BODY}\n\nAtas perhatiannya saya ucapkan terima kasih.\n\nSari Invenita", BODY),
    "demikian": (
        f"{BODY}\n\nDemikian laporan ini saya sampaikan, atas perhatiannya terima kasih.\n\nHormat saya,\nSari",
        BODY,
    ),
    "hormat saya": (f"{BODY}\n\nHormat saya,\n\nSari Invenita\nNIK: 0000000000000000", BODY),
    "hormat kami": (f"{BODY}\n\nHormat kami,\nWarga RT 03", BODY),
    "salam": (f"{BODY}\n\nSalam,\nSari", BODY),
    "salam hormat": (f"{BODY}\n\nSalam hormat,\nSari Invenita\nsari@example.org", BODY),
    "wassalam": (f"{BODY}\n\nWassalam\nSari", BODY),
    "wassalamualaikum": (f"{BODY}\n\nWassalamu'alaikum warahmatullahi wabarakatuh.\n\nSari Invenita", BODY),
    "thanks and greetings": (f"{BODY}\n\nTerima kasih dan salam hormat,\nSari", BODY),
    "regards": (f"{BODY}\n\nBest regards,\nSari Invenita\nFinance Manager\nPT Contoh Fiktif\nwww.contoh.example", BODY),
    "thanks in english": (f"{BODY}\n\nThank you,\nSari", BODY),
    "kind regards, office": (
        f"{BODY}\n\nKind regards\n\nSari Invenita | PT Contoh Fiktif\nM: +62 811-0000-1234\nE: sari@example.org",
        BODY,
    ),
    "iphone indonesian": (f"{BODY}\n\nDikirim dari iPhone saya", BODY),
    "iphone english": (f"{BODY}\n\nSent from my iPhone", BODY),
    "samsung english": (f"{BODY}\n\nSent from my Samsung Galaxy smartphone.", BODY),
    "samsung indonesian": (f"{BODY}\n\nDikirim dari ponsel cerdas Samsung Galaxy saya.", BODY),
    "yahoo on android": (f"{BODY}\n\nDikirim dari Yahoo Mail di Android", BODY),
    "outlook for android": (f"{BODY}\n\nDapatkan Outlook untuk Android<https://outlook.example/a>", BODY),
    "outlook for ios": (f"{BODY}\n\nGet Outlook for iOS", BODY),
    "windows mail": (f"{BODY}\n\nDikirim dari Mail untuk Windows", BODY),
    "blackberry": (f"{BODY}\n\nPowered by Telkomsel BlackBerry®", BODY),
    "device line, then a name": (f"{BODY}\n\nSent from my iPhone\n\nTerima kasih\nSari", BODY),
    "name, then a device line": (f"{BODY}\n\nTerima kasih,\nSari\n\nDikirim dari iPhone saya", BODY),
    "disclaimer indonesian": (f"{BODY}\n\n{DISCLAIMER_ID}", BODY),
    "disclaimer english": (f"{BODY}\n\n{DISCLAIMER_EN}", BODY),
    "disclaimer with a head of its own": (f"{BODY}\n\nDISCLAIMER:\n{DISCLAIMER_EN}", BODY),
    "disclaimer in both languages, below a signature": (
        f"{BODY}\n\nHormat saya,\nSari\n\n________________\n{DISCLAIMER_ID}\n\n{DISCLAIMER_EN}",
        BODY,
    ),
    "antivirus indonesian": (f"{BODY}\n\nBebas virus.www.avast.com", BODY),
    "antivirus english": (
        f"{BODY}\n\n-- \nThis email has been checked for viruses by Avast antivirus software.\nwww.avast.com",
        BODY,
    ),
    "unsubscribe": (
        f"{BODY}\n\nAnda menerima email ini karena terdaftar di milis warga.\nBerhenti berlangganan: https://milis.example/x",
        BODY,
    ),
    "google groups": (
        (
            f'{BODY}\n\n-- \nYou received this message because you are subscribed to the Google Groups "Warga" group.\n'
            "To unsubscribe from this group and stop receiving emails from it, send an email to "
            "warga+unsubscribe@milis.example."
        ),
        BODY,
    ),
    "environment": (f"{BODY}\n\nPlease consider the environment before printing this email.", BODY),
    "thanks at the end of the last sentence": (
        f"{BODY} Terima kasih.\nSari Invenita\n0811-0000-1234",
        f"{BODY} Terima kasih.",
    ),
    "place before the closing stays": (
        "Lampu mati.\nRT 03 RW 05 Sukamaju\n\nTerima kasih\nSari",
        "Lampu mati.\nRT 03 RW 05 Sukamaju",
    ),
    "the only place stands in the signature": (
        f"{UNPLACED}\n\nTerima kasih,\nSari Invenita\nJl. Melati No. 5 RT 03 RW 05\n0811-0000-1234",
        f"{UNPLACED}\nJl. Melati No. 5 RT 03 RW 05",
    ),
    "a place in the signature, when the text has one": (
        f"{BODY}\n\nTerima kasih,\nSari\nPerum Griya Fiktif Blok C2",
        BODY,
    ),
    "office, faculty and motto": (
        (
            f"{BODY}\n\nSalam hormat,\n\nSari Invenita, S.Pd.\nGuru SD Fiktif 1\nTelp: (0711) 000000 | F: 1\n"
            'www.sd.example\n\n"Mendidik dengan hati"'
        ),
        BODY,
    ),
    "emoji after the thanks": (f"{BODY}\n\nTerima kasih 🙏\nSari", BODY),
}

UNTOUCHED = {
    "no signature": BODY,
    "thanks in the middle": "Terima kasih atas perbaikan jalan kemarin.\nTapi lampu di gang kami masih mati, "
    "mohon dicek.",
    "thanks on a line of its own, then the complaint": (
        "Selamat pagi.\nTerima kasih.\nSaya mau lapor lampu jalan mati di Jl. Melati sejak Jumat."
    ),
    "goes on after the thanks": f"{BODY}\n\nTerima kasih.\n\nOh ya, got di depan SD juga mampet.",
    "postscript": f"{BODY}\n\nTerima kasih,\nSari\n\nNB: petugas kemarin minta uang.",
    "location after the thanks": f"{UNPLACED}\n\nTerima kasih\nLokasi: depan SD Fiktif 3",
    "lower-case sentence after the thanks": f"{BODY}\nterima kasih\nbau menyengat tiap malam",
    "question after the thanks": f"{BODY}\nTerima kasih\nKapan dikerjakan?",
    "nothing but a signature": "Terima kasih,\nSari",
    "nothing but a device line": "Dikirim dari iPhone saya",
    "salam as an opening": "Salam,\nLampu di gang kami mati, mohon dicek petugas.",
    "a rule between paragraphs": "Lampu mati di Jl. Melati.\n\n-----\n\nGot juga mampet di depan sekolah.",
    "a bare -- between paragraphs": "Lampu mati di Jl. Melati.\n--\nGot juga mampet di depan sekolah.",
    "about secret data": "Data rahasia warga tersebar, e-mail ini saya kirim supaya kelurahan menghapus "
    "daftar di papan.",
    "a device as subject": "Saya kirim dari hp, foto menyusul. Lampu mati.",
    "unsubscribing as a complaint": "Saya sudah coba berhenti dari layanan air tapi tagihan tetap datang.",
    "names listed as evidence": f"{BODY}\nSaksi:\nBudi\nSari",
}


@pytest.mark.parametrize(("text", "expected"), CUT.values(), ids=CUT.keys())
def test_the_end_of_a_mail_is_cut(text: str, expected: str) -> None:
    assert strip_signature(text) == expected


@pytest.mark.parametrize("text", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_a_complaint_loses_nothing(text: str) -> None:
    assert strip_signature(text) == text


def test_of_a_long_text_no_more_than_a_third_is_taken_for_a_signature() -> None:
    names = "\n".join(f"Warga Nomor{'i' * 20}" for _ in range(10))
    text = f"{UNPLACED}\n{'Jalan Melati rusak. ' * 12}\n\nHormat kami,\n{names}"
    assert strip_signature(text) == text


def test_a_disclaimer_longer_than_the_complaint_is_cut() -> None:
    assert strip_signature(f"{UNPLACED}\n\n{DISCLAIMER_EN}\n\n{DISCLAIMER_ID}") == UNPLACED


@given(
    st.lists(
        st.sampled_from(
            [
                *BODY.split(),
                "\n",
                "\n\n",
                "--",
                "Terima kasih,",
                "Sari",
                "0811-0000-1234",
                "Dikirim dari iPhone saya",
                "RT 05",
            ]
        ),
        max_size=40,
    )
)
def test_something_always_remains_and_nothing_is_invented(words: list[str]) -> None:
    text = " ".join(words)
    stripped = strip_signature(text)
    assert bool(stripped.strip()) == bool(text.strip())
    assert set(stripped.split()) <= set(text.split())
