from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.quality.understanding_spam import texts
from normalizer.understanding.spam import NoComplaint, SpamFilter
from normalizer.understanding.tables import RulesError

FILTER = SpamFilter()


def reason(text: str) -> str | None:
    """The name by which it is ignored."""
    found = FILTER.judge(text)
    return found.reason if found and found.is_certain else None


GREETINGS = [
    "Pak",
    "Assalamualaikum",
    "assalamu'alaikum wr. wb.",
    "Selamat pagi pak",
    "selamat siang bapak/ibu admin",
    "halo min",
    "permisi",
    "mau lapor",
    "izin lapor pak",
    "saya mau lapor",
    "mau tanya pak",
    "mohon maaf mengganggu",
    "pagi",
    "P",
    "🙏🙏 pagi pak",
    "terima kasih",
    "Terima kasih banyak pak",
]
COMPLAINTS = [
    "Pak RT 03 minta uang",
    "bu lurah tidak pernah ada",
    "mau lapor jalan rusak",
    "pagi tadi ada kecelakaan",
    "malam ini banjir",
    "air",
    "Ibu saya ditolak di puskesmas",
    "saya mau lapor ke polisi tapi ditolak",
    "RT 3 ya",
    "lampu",
    "selamat pagi, got mampet",
    "🙏",
    "",
    "123",
    "bang sampah numpuk",
]


@pytest.mark.parametrize(("text", "expected"), [(t, True) for t in GREETINGS] + [(t, False) for t in COMPLAINTS])
def test_greeting_only(text: str, expected: bool) -> None:
    assert (reason(text) in ("greeting", "test", "acknowledgement")) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (t, True)
        for t in [
            "tes",
            "Test",
            "P",
            "ping",
            "halo",
            "tes 123",
            "test test",
            "TES WA",
            "cek",
            "tes masuk",
            "Testtt",
            "tes, tes!",
        ]
    ]
    + [
        (t, False)
        for t in [
            "tes antigen di mana",
            "cek saldo bansos",
            "hasil tes belum keluar",
            "halo lampu mati",
            "p3k kosong",
            "123",
            "",
            "🙏",
            "pak",
        ]
    ],
)
def test_somebody_tries_the_line(text: str, expected: bool) -> None:
    assert (reason(text) == "test") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sebarkan ke 10 teman agar dapat berkah", "chain_message"),
        ("kirim pesan ini ke 20 orang, jangan putus di kamu", "chain_message"),
        ("forward ke minimal 5 grup ya", "chain_message"),
        ("SLOT GACOR maxwin hari ini https://contoh.example/daftar", "advert_gambling"),
        ("togel terpercaya www.contoh.example", "advert_gambling"),
        ("Butuh dana? Pinjaman online langsung cair wa.me/6281100000000", "advert_loan"),
        ("Selamat! Nomor anda mendapat Rp 50 juta, klik https://hadiah.example", "advert_prize"),
        ("Pemenang undian, klaim hadiah di bit.ly/contoh", "advert_prize"),
        # Hard negatives: somebody complains of such a message, or only uses its words.
        ("Saya dapat pesan undian berhadiah https://hadiah.example, mohon ditindak, ini penipuan", None),
        ("Warga resah ada judi online di warnet https://maps.example/x", None),
        ("judi slot gacor merajalela di kampung kami", None),
        ("kapan dana tunai bansos cair", None),
        ("kirim petugas ke 3 titik banjir", None),
        ("Selamat pagi, nomor antrian saya terlewat https://foto.example/1", None),
        ("lampu mati", None),
        ("tolong sebarkan ke 10 petugas kebersihan", None),
        ("", "empty"),
    ],
)
def test_spam_only_when_certain(text: str, expected: str | None) -> None:
    assert reason(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("judi slot gacor merajalela", None),
        ("slot gacor maxwin bonus", "advert_gambling"),  # nobody can be reached: it may be a child's joke
        ("Kirim pesan ini ke 7 orang, mohon jangan putus, berkah menanti", "chain_message"),
        ("pinjaman cepat untuk petani ada di bank mana", "advert_loan"),
    ],
)
def test_in_doubt_somebody_looks(text: str, expected: str | None) -> None:
    assert FILTER.judge(text) == (NoComplaint(expected, is_certain=False) if expected else None)  # type: ignore[arg-type]  # a table's


def test_no_complaint_that_it_was_built_by_is_ignored() -> None:
    every = list(texts(""))
    assert sum(kind == "complaint" for kind, _ in every) > 300
    assert [text for kind, text in every if kind == "complaint" and reason(text)] == []


def test_an_own_table_is_used(tmp_path: Path) -> None:
    table = tmp_path / "spam.yaml"
    table.write_text(
        "version: x\ncertain: 3\nlikely: 2\nadverts: {advert_sale: {3: [obral*], 1: [murah]}}\nreports: []\nchain: []\n"
        "tests: [uji]\naround_tests: []\nacknowledgements: []\naround_acknowledgements: []\n",
        encoding="utf-8",
    )
    own = SpamFilter(table)
    assert own.judge("obral murah www.toko.example") == NoComplaint("advert_sale", is_certain=True)
    assert own.judge("uji") == NoComplaint("test", is_certain=True)
    assert own.judge("ok") is None
    table.write_text("version: x\nadverts: {iklan: {3: [obral]}}\n", encoding="utf-8")
    with pytest.raises(RulesError, match=r"spam\.yaml:2: adverts\.iklan"):
        SpamFilter(table)


@given(st.text(st.characters(), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_judged_without_an_exception(text: str) -> None:
    FILTER.judge(text)
