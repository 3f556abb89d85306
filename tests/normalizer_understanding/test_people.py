import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.understanding.people import email, emails_in, name, nik_plausible, phone, phones_in


@pytest.mark.parametrize(
    "written",
    [
        "0811-0000-1234",
        "081100001234",
        "0811 0000 1234",
        "0811.0000.1234",
        "(0811) 0000 1234",
        "811-0000-1234",
        "81100001234",
        "6281100001234",
        "62 811 0000 1234",
        "62-811-0000-1234",
        "+6281100001234",
        "+62 811-0000-1234",
        "+62 0 811 0000 1234",
        "+62 (0)811 0000 1234",
        "62 0811 0000 1234",
        "006281100001234",
        "0062 811 0000 1234",
        "+62(811)0000.1234",
        "whatsapp:+6281100001234",
        "6281100001234@s.whatsapp.net",
        "6281100001234:12@s.whatsapp.net",
        "6281100001234@c.us",
        "tel:+6281100001234",
        " 0811 0000 1234\n",
        "０８１１００００１２３４",
        "0811‑0000‑1234",
        "0811 0000 1234 / 0812 0000 9999",
        "+62\u00a0811\u00a00000\u00a01234",
    ],
)
def test_every_way_to_write_a_number_gives_one_number(written: str) -> None:
    assert phone(written) == "+6281100001234"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("(0711) 300123", "+62711300123"),
        ("021-5000123", "+62215000123"),
        ("+60 12-300 0123", "+60123000123"),
        ("+1 202 555 0100", "+12025550100"),
    ],
)
def test_landlines_and_numbers_abroad(written: str, expected: str) -> None:
    assert phone(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1708",
        "INFO",
        "TELKOMSEL",
        "08",
        "812345",
        "1673011503900001",
        "62811000@c.us",
        "123456789012345678@g.us",
        "81100001234@lid",
        "999999999999999",
        "user@example.org",
        "0811-0000-123x",
        "tidak ada",
        "0",
        "+",
        "Budi 081100001234",
        "\x00",
        "0" * 50,
    ],
)
def test_what_is_no_number_is_none(written: str) -> None:
    assert phone(written) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hubungi 0811-0000-1234 ya", ["+6281100001234"]),
        ("WA 081100001234.", ["+6281100001234"]),
        ("hp0811 0000 1234", ["+6281100001234"]),
        ("0811 0000 1234 atau 0812 0000 5678", ["+6281100001234", "+6281200005678"]),
        ("081100001234/081200005678", ["+6281100001234", "+6281200005678"]),
        ("081100001234, +6281100001234", ["+6281100001234"]),
        ("telp (0711) 300123", ["+62711300123"]),
        ("wa.me/6281100001234", ["+6281100001234"]),
        ("NIK 1673011503900001", []),
        ("harga Rp 8.100.000.000", []),
        ("tiket RS-2026-000123", []),
        ("RT 08 RW 11 No 12", []),
        ("tanggal 08-11-2026 jam 08.11", []),
        ("https://maps.google.com/?q=-2.98110000,104.81100001", []),
        ("jumlah 1500000 orang", []),
        ("", []),
    ],
)
def test_numbers_in_a_text(text: str, expected: list[str]) -> None:
    assert phones_in(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("siti@example.org", "siti@example.org"),
        ("Siti <Siti.R@Example.ORG>", "siti.r@example.org"),
        (" siti+lapor@dinas.example ", "siti+lapor@dinas.example"),
        ("mailto:siti@example.org", "siti@example.org"),
        ("siti@example", None),
        ("@siti", None),
        ("siti..r@example.org", None),
        ("", None),
        ("siti at example.org", None),
    ],
)
def test_email(text: str, expected: str | None) -> None:
    assert email(text) == expected


def test_emails_in_a_text_each_once() -> None:
    assert emails_in("ke a@example.org, B@example.org dan a@Example.org.") == ["a@example.org", "b@example.org"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Siti  Rahmawati ", "Siti Rahmawati"),
        ("H. Amin, S.H.", "H. Amin, S.H."),
        ("Bu Siti", "Bu Siti"),
        ("siti", "siti"),
        ("~ Pak RT", "Pak RT"),
        ("Budi\x00 Santoso\u200f", "Budi Santoso"),
        ("Budi 😀", "Budi 😀"),
        ("0811-0000-1234", None),
        ("unknown", None),
        ("Hamba Allah", None),
        ("TANPA NAMA", None),
        ("siti@example.org", None),
        ("-", None),
        ("😀", None),
        ("a", None),
        ("", None),
        ("x" * 200, None),
    ],
)
def test_name(text: str, expected: str | None) -> None:
    assert name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1673011503900001", True),
        ("1673015503900001", True),  # a woman born on the 15th
        ("16 7301 150390 0001", True),
        ("16.73.01.290200.0001", True),
        ("1673013202900001", False),  # the 32nd
        ("1673013002900001", False),  # 30 February
        ("1673011513900001", False),  # month 13
        ("0973011503900001", False),  # no such province
        ("1600011503900001", False),
        ("1673011503900000", False),
        ("167301150390000", False),
        ("16730115039000011", False),
        ("١٦٧٣٠١١٥٠٣٩٠٠٠٠١", False),
        ("abc", False),
        ("", False),
    ],
)
def test_nik_plausible(text: str, expected: bool) -> None:
    assert nik_plausible(text) is expected


@given(st.one_of(st.text(st.characters(), max_size=100), st.text(st.sampled_from("+0628 -.()/@٣"), max_size=30)))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    number = phone(text)
    assert number is None or (number.startswith("+") and number[1:].isdecimal())
    found = name(text)
    assert found is None or found.encode("utf-8")
    phones_in(text)
    emails_in(text)
    email(text)
    nik_plausible(text)


@pytest.mark.parametrize(
    "text",
    [
        "wa.me/6281100001234",
        "nol delapan satu satu nol nol nol nol satu dua tiga empat",
        "kosong delapan satu satu, kosong kosong kosong kosong, satu dua tiga empat",
        "O811-OOOO-1234",
        "Hp:08 11 00 00 12 34",
        "nomor saya 811 0000 1234",
        "0811_0000_1234",
    ],
)
def test_one_person_over_any_channel_has_one_number(text: str) -> None:
    assert phones_in(text) == [phone("6281100001234@s.whatsapp.net")]


@pytest.mark.parametrize(
    "text", ["resi 081100001234", "rek. BRI 0811 0000 1234", "call center 1500123", "08-11-2026 10:00"]
)
def test_other_numbers_are_no_telephones(text: str) -> None:
    assert phones_in(text) == []


@pytest.mark.parametrize("text", ["siti(a)example.org", "siti [at] example.org", "siti at example dot org"])
def test_an_email_address_that_is_spelled(text: str) -> None:
    assert emails_in(text) == ["siti@example.org"]
