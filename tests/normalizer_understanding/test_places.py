import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.understanding.places import FoundPlace, PlaceFinder
from normalizer.understanding.places_index import Register

NATION_REGISTER = Register()
HOME = PlaceFinder("16.73", NATION_REGISTER)
NATION = PlaceFinder(None, NATION_REGISTER)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Lampu mati di kel. Majapahit RT 03 RW 05", "16.73.01.1002"),
        ("kelurahan majapahit gelap", "16.73.01.1002"),
        ("Kel : Majapahit", "16.73.01.1002"),
        ("jalan rusak di Air Kuti", "16.73.01.1001"),
        ("kami di Taba Jemekeh", "16.73.01.1003"),
        ("taba pingin mati lampu", "16.73.07.1008"),
        ("Siring Agung banjir", "16.73.07.1004"),
        ("kayu ara rt 5", "16.73.02.1001"),
        ("rt03/05 kel jawa kanan ss", "16.73.05.1002"),
        ("BANJIR DI KEL MAJAPAHIT", "16.73.01.1002"),
        ("kantor lurah Megang tutup", "16.73.08.1006"),
        ("di Pasar Satelit banjir", "16.73.08.1004"),
        ("kel. muara enim", "16.73.02.1010"),
        ("Kelurahan Ponorogo", "16.73.08.1009"),
        ("kel. Belalau 2", "16.73.04.1006"),
        ("kel. Belalau I", "16.73.04.1005"),
        ("kel kayuara", "16.73.02.1001"),
        ("kelurahan sukajadi", "16.73.02.1009"),
        ("lampu mati megang rt 3", "16.73.08.1006"),
        ("depan indomaret taba jemekeh", "16.73.01.1003"),
        # Misspelt, after the level word.
        ("kelurahan majapahid", "16.73.01.1002"),
        ("kelurahan Marga Mulia", "16.73.07.1006"),
        # A kecamatan, and a kelurahan with its kecamatan.
        ("kec. Lubuklinggau Timur 2", "16.73.05"),
        ("kecamatan lubuk linggau barat I", "16.73.02"),
        ("kec lubuk linggau timur 1 kel air kuti", "16.73.01.1001"),
        ("kota lubuklinggau jalan rusak", "16.73"),
        # Two places: what holds both.
        ("dari Majapahit ke Air Kuti", "16.73.01"),
        # Elsewhere, said in full.
        ("desa surodadi kec. tugumulyo kab. musi rawas", "16.05.01.2002"),
        ("kab muara enim", "16.03"),
        ("kota Bogor", "32.71"),
    ],
)
def test_region_with_a_home(text: str, code: str) -> None:
    assert HOME.find(text).region_code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lampu mati",
        "jalan rusak di depan rumah saya",
        "Jl. Majapahit No. 12 berlubang",
        "Jalan Air Kuti gelap",
        "Pak Megang tidak ada",
        "kenanga bagus sekali",
        "orang ponorogo",
        "Muara Enim",
        "desa surodadi",
        "Tugumulyo",
        "SDN Air Kuti rusak",
        "Puskesmas Taba Pingin tutup",
        "pahlawan",
        "ibu rahmah sakit",
        "kelurahan",
        "kel. ",
        "kec kami",
        "mau ke kota",
        "desa kami gelap",
        "Air mati. Kuti",
        "dempo",
        "jukung",
        "sudah lapor lurah tidak ada jawaban",
        "truk dari Gresik parkir sembarangan",
        "kereta ke Bogor telat",
        "kelurahan sei putih timur 1",
    ],
)
def test_unknown_rather_than_a_guess(text: str) -> None:
    found = HOME.find(text)
    assert found.region_code is None
    assert found.confidence == 0.0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("desa surodadi kec. tugumulyo kab. musi rawas", "16.05.01.2002"),
        ("kota bogor", "32.71"),
        ("kab. bogor", "32.01"),
        ("Kel. 35 Ilir Palembang", "16.71.01.1001"),
        ("Kel. Tiga-puluh-lima Ilir, Palembang", "16.71.01.1001"),
        ("kel. sungai buah palembang", "16.71.06.1012"),
        ("kecamatan ilir barat II kota palembang", "16.71.01"),
        ("Jakarta Selatan", "31.74"),
        ("kelurahan majapahit", None),
        ("kel. sukamaju", None),
        ("surabaya", None),
        ("macet di surabaya", "35.78"),
        # As people call them; what they were called before.
        ("Gubeng sby lampu rusak", "35.78.08"),
        ("Kerten Laweyan Solo", "33.72.01.1009"),
        ("kab. polman", "76.04"),
        ("Kab. Toba Samosir", "12.12"),
        ("Kotamadya Ujung Pandang", "73.71"),
        ("Pemkab Bantul", "34.02"),
        ("Kota Adm. Jakarta Utara, Kec. Penjaringan", "31.72.01"),
        # Kota or Kabupaten Bogor: the province is sure.
        ("di Bogor banjir", "32"),
        ("di jogja", "34"),
        # What stands beside holds it: alone each is the name of several.
        ("Ngijo, Karangploso, Malang", "35.07.23.2004"),
        ("Caturtunggal Depok Sleman", "34.04.07.2001"),
        ("Lampu mati di Sidokumpul, Guntur, Demak", "33.21.03.2009"),
        # Misspelt, in the region that the rest speaks of.
        ("kec. Ciputaat Timur kota Tangerang Selatan", "36.74.05"),
        ("kec. kebon jruk jakarta barat", "31.73.05"),
        # In one word or in two.
        ("kel. Baranang siang kota Bogor", "32.71.02.1002"),
        ("kec. kebonjeruk jakbar", "31.73.05"),
        ("Jl. Melati 4 Tomang Grogol Petamburan Jakbar", "31.73.02.1003"),
        ("bandung barat longsor", "32.17"),
        # A word that is no place though one is called so.
        ("pak Sabar dan bu Mulia di kantor", None),
        ("warga yang lewat", None),
        ("bakso Malang enak", None),
        ("kel. sukamaju klu hujan banjir", None),
    ],
)
def test_region_without_a_home(text: str, code: str | None) -> None:
    assert NATION.find(text).region_code == code


def test_a_thing_and_its_state_are_no_place_and_no_slip_makes_a_word_one() -> None:
    medan, makassar = PlaceFinder("12.71", NATION_REGISTER), PlaceFinder("73.71", NATION_REGISTER)
    assert medan.find("ikan di sungai mati semua").region_code is None
    assert medan.find("banjir di Sei Mati").region_code is not None
    assert makassar.find("lurah jarang masuk kantor").region_code is None
    assert makassar.find("lurah parang jarang masuk kantor").region_code == "73.71.02.1002"


def test_what_is_said_about_a_region() -> None:
    found = HOME.find("kel. Majapahit")
    assert found.region_name == "Majapahit, Lubuk Linggau Timur I, Kota Lubuk Linggau, Sumatera Selatan"
    assert (found.level, found.scheme, found.edition) == ("kelurahan", "kemendagri", "Kepmendagri 300.2.2-2138/2025")
    assert found.confidence == 0.9


def test_the_surer_the_more_is_said() -> None:
    said = [
        "dari Majapahit ke Air Kuti",
        "kelurahan majapahid",
        "di Air Kuti",
        "kel. Majapahit",
        "kel. Majapahit kec. Lubuk Linggau Timur I",
    ]
    sure = [HOME.find(text).confidence for text in said]
    assert sure == sorted(sure)
    assert sure[0] < 0.5 < sure[-1]


def test_an_address_field_needs_no_level_words_and_comes_first() -> None:
    found = HOME.find("lampu di kel. Megang mati, rt 9", "Jl. Kenanga No 3 RT 2, Dempo, Lubuk Linggau Timur II")
    assert (found.street, found.number, found.rt) == ("Jalan Kenanga", "3", "002")
    assert HOME.find("lampu mati", "Dempo").region_code == "16.73.05.1004"
    assert HOME.find("lampu mati rt 4", "Dempo").rt == "004"


def test_all_parts_together() -> None:
    text = "Di Jl. Mawar No. 5 RT 2/RW 1 depan Masjid Al-Huda kel. Kenanga https://maps.google.com/?q=-3.2945,102.8617"
    found = HOME.find(text)
    assert found == FoundPlace(
        region_code="16.73.08.1003",
        region_name="Kenanga, Lubuk Linggau Utara II, Kota Lubuk Linggau, Sumatera Selatan",
        level="kelurahan",
        scheme="kemendagri",
        edition="Kepmendagri 300.2.2-2138/2025",
        street="Jalan Mawar",
        number="5",
        rt="002",
        rw="001",
        landmark="depan Masjid Al-Huda",
        latitude=-3.2945,
        longitude=102.8617,
        confidence=0.9,
        street_confidence=0.9,
        landmark_confidence=0.8,
        point_confidence=0.95,
    )


@pytest.mark.parametrize("home", ["", "1673", "16.73.01.1001", "Palembang", "16.", "16.7"])
def test_a_home_that_is_no_code_is_refused(home: str) -> None:
    with pytest.raises(ValueError, match=r"such as 16\.73"):
        PlaceFinder(home)


def test_a_home_that_is_not_in_the_register_is_refused() -> None:
    with pytest.raises(ValueError, match="not in Kepmendagri"):
        PlaceFinder("99.99").find("lampu mati")


def test_finders_share_a_register() -> None:
    register = Register()
    here, there = PlaceFinder("16.73", register), PlaceFinder("16.71", register)
    assert here.find("kel. Sukajadi").region_code == "16.73.02.1009"
    assert there.find("kel. Kalidoni").region_code == "16.71.10.1002"
    assert there.find("kel. Sukajadi").region_code is None


def test_many_threads_may_ask_a_new_finder_at_once() -> None:
    finder = PlaceFinder("16.73")
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(finder.find("kel. Megang").region_code)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["16.73.08.1006"] * 4


@pytest.mark.parametrize(
    "piece",
    ["kel sukajaya ", "kel. ", "jl a ", "RT 3 ", "di pasar ", "-3.29451, ", "kel sukamaju kec muara desa mulya "],
)
def test_a_long_hostile_text_does_not_take_for_ever(piece: str) -> None:
    def cost(length: int) -> float:
        """Seconds of this thread alone, the best of some."""
        spent = []
        for _ in range(3):
            start = time.thread_time()
            HOME.find(piece * (length // len(piece)))
            spent.append(time.thread_time() - start)
        return min(spent)

    # Eight times the text: 8 times the work, 64 at worst. Patterns that try every combination take 512 times and more.
    assert cost(8000) < 200 * cost(1000)


def test_a_book_is_not_searched_to_its_end() -> None:
    place = "Lampu mati di Kel. Majapahit. "
    assert HOME.find(place + "halaman " * 60_000).region_code == HOME.find(place).region_code is not None
    assert HOME.find("halaman " * 60_000 + place).region_code is None


PIECES = [
    "kel",
    ".",
    "kec",
    "kota",
    "desa",
    "Majapahit",
    "Air",
    "Kuti",
    "tiga",
    "puluh",
    "lima",
    "II",
    ",",
    "\n",
    "Jl.",
    "No",
    "12",
    "RT",
    "/",
    "depan",
    "Pasar",
]


@given(st.one_of(st.text(st.characters(), max_size=200), st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join)))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    found = HOME.find(text, text[::-1])
    assert (found.region_code is None) == (found.confidence == 0.0)
    assert 0.0 <= found.confidence <= 1.0
