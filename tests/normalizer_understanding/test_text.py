import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from normalizer.understanding.text import clean, comparable, title

any_text = st.text(st.characters(), max_size=300)  # surrogates and NUL included
nasty = st.text(
    st.sampled_from(list("\\nr \n\r\t\x00\u200b\u200d\ud83d\ude00aé\u0301\u0327\ufeff😀\u0958\u202e")), max_size=40
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Lampu mati", "Lampu mati"),
        ("  Lampu   mati \t pak ", "Lampu mati pak"),
        ("Baris satu\\nbaris dua", "Baris satu\nbaris dua"),
        ("Baris satu\\r\\nbaris dua", "Baris satu\nbaris dua"),
        ("satu\r\ndua\rtiga", "satu\ndua\ntiga"),
        ("satu\n\n\n\n\ndua", "satu\n\ndua"),
        ("satu \n  dua", "satu\ndua"),
        ("jalan\x00 rusak", "jalan rusak"),
        ("\u202ejalan\u200f rusak\ufeff", "jalan rusak"),
        ("ja\u200blan", "jalan"),
        ("jalan\u00a0rusak\u3000parah", "jalan rusak parah"),
        ("se\u0301kali", "sékali"),
        ("mati \ud83d\ude4f", "mati 🙏"),
        ("mati \ud83d", "mati \ufffd"),
        ("\ude4f mati", "\ufffd mati"),
        ("keluarga 👨\u200d👩\u200d👧 kami", "keluarga 👨\u200d👩\u200d👧 kami"),
        ("hati ❤\ufe0f", "hati ❤\ufe0f"),
        ("a\u200db", "ab"),
        ("PARAHHH BGT!!!", "PARAHHH BGT!!!"),
        ("Jl. A. Yani No. 5", "Jl. A. Yani No. 5"),
        ("C:\\data", "C:\\data"),
        ("satu\u2028dua", "satu\ndua"),
        ("\x07bunyi\x1b[0m", "bunyi[0m"),
        ("", ""),
        (" \n\t ", ""),
        ("\u200b\u200b", ""),
    ],
)
def test_clean_keeps_the_words_and_drops_what_breaks_stores(raw: str, expected: str) -> None:
    assert clean(raw) == expected


@given(st.one_of(any_text, nasty))
@example("\ud83d\ude00\u200d\ud83d")
@example("\\\\nn\\\u200bn")
@example("\u0958\u0301" * 3)
@settings(max_examples=400, deadline=None)
def test_clean_text_is_storable_and_stays_clean(raw: str) -> None:
    cleaned = clean(raw)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert len(cleaned) <= len(raw)
    assert clean(cleaned) == cleaned
    assert "\n\n\n" not in cleaned


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Co", "Cn"]), max_size=80))
@settings(max_examples=200, deadline=None)
def test_clean_is_in_normal_form_unless_that_would_lengthen_it(raw: str) -> None:
    cleaned = clean(raw)
    assert cleaned == unicodedata.normalize("NFC", cleaned) or len(unicodedata.normalize("NFC", cleaned)) > len(cleaned)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Assalamualaikum pak, lampu jalan mati", "lampu jalan mati"),
        ("Selamat pagi pak admin. Jln rusak parahhh bgt", "jalan rusak parah banget"),
        ("Diteruskan\nAir PAM mati", "air pam mati"),
        ("Forwarded message: air mati", "Air mati!!"),
        ("Fwd: air mati", "air mati"),
        ("sampah blm diangkut sdh 3 hr", "Sampah belum diangkut sudah 3 hari"),
        ("gak ada air", "tidak ada air"),
        ("tdk ada air", "nggak ada air"),
        ("mohon maaf mengganggu, got mampet", "Got mampet"),
        ("Got mampet. Terima kasih", "got mampet"),
        ("Got mampet\n\nHormat saya,\nBudi", "got mampet"),
        ("Got mampet. Sent from my iPhone", "got mampet"),
        ("Got mampet 🙏🙏🙏", "got mampet"),
        ("yg di dpn rmh sy", "yang di depan rumah saya"),
        ("jalan2 rusak", "jalan-jalan rusak"),
        ("𝐋𝐚𝐦𝐩𝐮 𝐦𝐚𝐭𝐢", "lampu mati"),
        ("Izin lapor min, pohon tumbang", "pohon tumbang"),
        ("saya mau melaporkan jalan rusak", "jalan rusak"),
        ("Wa'alaikumsalam. banjir. Wassalamualaikum wr wb", "wa alaikumsalam banjir"),
        ("Yth. Bapak Walikota Kota Contoh, jalan kami rusak", "jalan kami rusak"),
        ("krn hujan", "karena hujan"),
        ("dgn hormat", "dengan hormat"),
        ("Halo kak, PJU padam", "pju padam"),
        ("Pagi pak, PJU padam", "pju padam"),
        ("trs udah lapor ke rt", "trs sudah lapor ke rt"),
    ],
)
def test_comparable_folds_what_makes_no_difference(one: str, other: str) -> None:
    assert comparable(one) == comparable(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lampu mati di RT 3", "lampu mati di RT 5"),
        ("Lubuk Linggau Barat I", "Lubuk Linggau Barat II"),
        ("harga 1000", "harga 10000"),
        ("jalan rusak", "jalan tidak rusak"),
        ("Pak RT minta uang", "RT minta uang"),
        ("malam ini banjir", "banjir"),
        ("KK belum jadi", "K belum jadi"),
        ("anak SMP", "anak sampai"),
    ],
)
def test_comparable_keeps_what_makes_a_difference(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Assalamualaikum pak, lampu jalan di depan rumah mati. Mohon diperbaiki.", "Lampu jalan di depan rumah mati"),
        ("Pak\nmau lapor\nsampah menumpuk di depan pasar", "Sampah menumpuk di depan pasar"),
        ("Bagaimana cara mengurus akta kelahiran? Terima kasih", "Bagaimana cara mengurus akta kelahiran?"),
        ("Jl. Melati No. 5 berlubang parah. Tolong.", "Jl. Melati No. 5 berlubang parah"),
        (
            "Di kel. Contoh Jaya RT. 03 banjir sejak pagi. Air masuk rumah.",
            "Di kel. Contoh Jaya RT. 03 banjir sejak pagi",
        ),
        ("Tolong. Air mati. Sudah tiga hari. Semua warga", "Tolong Air mati Sudah tiga hari"),
        ("halo", "Halo"),
        ("🙏", "🙏"),
        ("Selamat siang", "Selamat siang"),
        ("*PENTING* jalan rusak berat sekali", "PENTING* jalan rusak berat sekali"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_title_says_what_it_is_about(text: str, expected: str) -> None:
    assert title(text) == expected


def test_title_is_cut_at_a_word() -> None:
    text = "Jalan di depan sekolah rusak " * 10
    cut = title(text, limit=40)
    assert len(cut) <= 40
    assert cut.endswith("…")
    assert text.lower().startswith(cut[:-1].lower() + " ")


def test_title_refuses_a_limit_that_says_nothing() -> None:
    with pytest.raises(ValueError, match="10 or more"):
        title("jalan rusak", limit=5)


@given(any_text, st.integers(10, 120))
@settings(max_examples=300, deadline=None)
def test_title_fits_and_is_never_empty(text: str, limit: int) -> None:
    made = title(text, limit)
    assert len(made) <= limit
    assert bool(made) == bool(clean(text))
    assert "\n" not in made


@given(any_text)
@settings(max_examples=200, deadline=None)
def test_any_text_is_compared_without_an_exception(text: str) -> None:
    comparable(text).encode("utf-8")
