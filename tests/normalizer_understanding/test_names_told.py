import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.understanding.names_told import names_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nama saya Siti Rahayu dari RT 3", ["Siti Rahayu"]),
        ("Nama: Budi Santoso\nAlamat: Jl. Melati", ["Budi Santoso"]),
        ("nama : agus wijaya", ["agus wijaya"]),
        ("perkenalkan saya Dewi Lestari, guru honorer", ["Dewi Lestari"]),
        ("saya bernama Joko Susilo ingin melapor", ["Joko Susilo"]),
        ("lampu mati. Terima kasih. a.n. Rudi Hartono", ["Rudi Hartono"]),
        ("atas nama Ibu Kartini Wulandari", ["Kartini Wulandari"]),
        ("Hormat saya,\nMaria Goreti", ["Maria Goreti"]),
        ("Terima kasih\n\nBudi S.", ["Budi S"]),
        ("Wassalam\n\nTtd\nH. Abdul Karim, S.Pd.", ["Abdul Karim"]),
        ("NAMA SAYA SRI MULYANI WARGA RW 2", ["SRI MULYANI"]),
        ("namaku Bayu, rumahku gelap", ["Bayu"]),
        ("Pelapor: Abdul Rahman bin Yusuf", ["Abdul Rahman bin Yusuf"]),
        ("nama saya Siti. Hormat saya,\nSiti", ["Siti"]),
    ],
)
def test_the_name_that_a_writer_tells(text: str, names: list[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nama jalan Mawar banyak lubang",
        "nama saya tidak mau disebut",
        "nama petugasnya tidak tahu",
        "atas nama seluruh warga RT 3",
        "saya sangat kecewa",
        "Hormat kami,\nWarga RT 05",
        "Salam\nTerima kasih",
        "pak Budi tidak masuk kerja",
        "Terima kasih\nbesok saya kirim fotonya lagi ya pak",
        "nama saya dicoret dari daftar",
        "nama saya hilang dari daftar pemilih",
        "Terima kasih\nKarang Taruna Desa",
        "nama saya",
        "a.n.",
    ],
)
def test_others_and_no_names_are_not_taken(text: str) -> None:
    assert names_in(text) == []


PIECES = ["nama saya", "a.n.", "Siti", "\n", "terima kasih", ".", ",", "H.", "bin", "RT"]


@given(st.lists(st.sampled_from(PIECES), max_size=14))
@settings(max_examples=200, deadline=None)
def test_a_name_stands_in_the_text(parts: list[str]) -> None:
    text = " ".join(parts)
    assert all(name in text for name in names_in(text))
