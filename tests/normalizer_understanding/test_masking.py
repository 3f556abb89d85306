import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.understanding.masking import mask, mask_email, mask_name, mask_phone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hub 0811-0000-1234 ya", "hub [telepon] ya"),
        ("WA 081100001234.", "WA [telepon]."),
        ("hp +62 811 0000 1234", "hp [telepon]"),
        ("no hp0811 0000 1234", "no hp[telepon]"),
        ("081100001234/081200005678", "[telepon]/[telepon]"),
        ("telp (0711) 300123", "telp [telepon]"),
        ("https://wa.me/6281100001234", "https://wa.me/[telepon]"),
        ("surel siti.r@example.org ya", "surel [surel] ya"),
        ("NIK 1673011503900001", "NIK [nik]"),
        ("nik saya:1673 0115 0390 0001.", "nik saya:[nik]."),
        ("KK 1673010101100002 belum jadi", "KK [nik] belum jadi"),
        ("plat BG 1234 XY ngebut", "plat [pelat] ngebut"),
        ("mobil B 1234 XYZ parkir", "mobil [pelat] parkir"),
        ("motor bg 1234 xy nabrak", "motor [pelat] nabrak"),
        ("nopol be1234ab", "nopol [pelat]"),
        ("rek BCA 1234567890 a.n. saya", "rek BCA [nomor] a.n. saya"),
        ("norek 123-456-7890", "norek [nomor]"),
        ("no. pelanggan 511234567890 mati", "no. pelanggan [nomor] mati"),
        ("ID pelanggan: 5112 3456 7890", "ID pelanggan: [nomor]"),
        ("idpel 511234567890", "idpel [nomor]"),
        ("va 8810081100001234", "va [nomor]"),
        ("BPJS 0001234567890 ditolak", "BPJS [nomor] ditolak"),
        ("nomor meter 14012345678", "nomor meter [nomor]"),
        ("081100001234 NIK 1673011503900001 a@example.org", "[telepon] NIK [nik] [surel]"),
        ("0 8 1 1 0 0 0 0 1 2 3 4 ya", "[telepon] ya"),
        ("O811-OOOO-1234", "[telepon]"),
        ("08110000１２３４", "[telepon]"),
        ("0️⃣8️⃣1️⃣1️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣", "[telepon]"),
        ("nol delapan satu satu nol nol nol nol satu dua tiga empat", "[telepon]"),
        ("081100001234an Budi", "[telepon]an Budi"),
        ("siti.r at example dot org", "[surel]"),
        ("siti.r [at] example.org", "[surel]"),
        ("NIK/KK 9901011503900001/9901010101100002", "NIK/KK [nik]/[nik]"),
        ("16.73.01.150390.0001", "[nik]"),
        ("kartu KKS 6032 9900 0000 0001", "kartu KKS [nomor]"),
        ("paspor X0000012", "paspor [nomor]"),
        ("NPWP 99.999.999.9-999.000", "NPWP [nomor]"),
        ("transfer ke BRI 0012-01-000123-50-4", "transfer ke BRI [nomor]"),
        ("ke 0009988776 BCA", "ke [nomor] BCA"),
        ("ig: @siti.contoh", "ig: [akun]"),
        ("@siti_contoh tipu-tipu", "[akun] tipu-tipu"),
        ("instagram.com/siti.contoh", "instagram.com/[akun]"),
        ("nama saya Siti Contohwati dari RT 3", "nama saya [nama] dari RT 3"),
        ("Nama: H. Budi Contohadi\nAlamat: RT 3", "Nama: [nama]\nAlamat: RT 3"),
        ("rek a.n. Budi Contohadi.", "rek a.n. [nama]."),
        ("Hormat saya,\nBudi Contohadi", "Hormat saya,\n[nama]"),
    ],
)
def test_identities_are_covered(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "harga Rp 1.500.000",
        "tagihan rekening air Rp 1.500.000",
        "bayar rekening 1.250.000 per bulan",
        "tiket RS-2026-000123",
        "tahun 2026",
        "RT 03 RW 05",
        "rt03/05",
        "RT 003/RW 001 No. 12",
        "5/10/2026 jam 08.30",
        "tgl 12-08-2026 pukul 08.00-15.00",
        "Jl. Melati No. 123 Blok B 123 A",
        "KM 12 arah kota",
        "SD 12 dan SMP 3",
        "DS 12 KM",
        "ada 15000 warga",
        "https://maps.google.com/?q=-2.9909814,104.7566123",
        "lampu mati 8 titik",
        "rekening listrik bulan 10 2026",
        "kode pos 31622",
        "Perda No 12 Tahun 2019",
        "bantuan 600.000 tidak cair",
        "anggaran 1.500.000.000 rupiah",
        "gang D 5 belakang",
        "rapat jam 08.00 s/d 12.00",
        "@dinas tolong",
        "tiket 2026112510301512",
        "08.00-12.00 13.00-16.00",
        "2020 2021 2022 2023",
        "20-10-2026 21-10-2026",
        "850000000 rupiah",
        "mobil L 300 di trotoar",
        "angkot S 15 A",
        "nama saya dicoret dari daftar",
        "atas nama warga RT 05",
        "rapat at kantor lurah",
        "call center 1500-123",
        "Saya Warga Kampung Melayu, mohon bantuan",
        "Terima kasih\nWarga RT 05",
    ],
)
def test_what_is_no_identity_stays(text: str) -> None:
    assert mask(text) == text


def test_names_known_from_elsewhere_are_covered_too() -> None:
    masked = mask("Saya Siti Rahmawati (siti  rahmawati). Sitinjau tetap.", names=["Siti Rahmawati"])
    assert masked == "Saya [nama] ([nama]). Sitinjau tetap."
    assert mask("saya Amin", names=["H. Amin"]) == "saya [nama]"
    assert mask("a b c", names=["", "A", ". "]) == "a b c"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Siti Rahmawati", "S*** R***"),
        ("budi", "b***"),
        ("H. Amin 99", "H*** A*** ***"),
        ("", ""),
        ("😀 Ani", "*** A***"),
    ],
)
def test_mask_name(name: str, expected: str) -> None:
    assert mask_name(name) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+6281100001234", "***********234"),
        ("+62711300123", "*********123"),
        ("+60123000", "*******00"),
        ("1708", "****"),
        ("", "****"),
    ],
)
def test_mask_phone(number: str, expected: str) -> None:
    assert mask_phone(number) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("siti.r@example.org", "s***@example.org"),
        ("s@example.org", "s***@example.org"),
        ("bukan surel", "***"),
        ("", "***"),
    ],
)
def test_mask_email(address: str, expected: str) -> None:
    assert mask_email(address) == expected


SURROUNDINGS = st.text(st.sampled_from("abc ,.\n:;()"), max_size=15)


@given(SURROUNDINGS, SURROUNDINGS, st.integers(0, 9999))
@settings(max_examples=200, deadline=None)
def test_a_number_is_covered_in_any_surroundings(before: str, after: str, tail: int) -> None:
    text = f"{before} 0811-0000-{tail:04} {after}"
    assert f"0000-{tail:04}" not in mask(text)


@given(st.text(st.characters(), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_masked_without_an_exception(text: str) -> None:
    mask(text, names=[text[:20]])
    mask_name(text)
    mask_phone(text)
    mask_email(text)
