"""Words, shingles, bands and keys."""

from collections.abc import Callable

import pytest

from normalizer.dedup.keys import KeyMaker
from normalizer.dedup.overlap import overlap
from normalizer.dedup.report import Report
from normalizer.dedup.signature import Signer, shingles
from normalizer.dedup.vocabulary import Vocabulary
from normalizer.dedup.weights import load_weights
from normalizer.dedup.words import take_apart

Make = Callable[..., Report]

COMMON = Vocabulary(common=frozenset({"yang", "di", "mohon"}))
LONG = (
    "pohon besar di pinggir jalan kenanga sudah miring dan akarnya terangkat kalau hujan angin bisa menimpa rumah "
    "warga di sebelahnya tolong dipangkas sebelum musim hujan tiba"
)


def compare(left: str, right: str) -> tuple[float, float, bool]:
    both = overlap(take_apart(left, COMMON), take_apart(right, COMMON))
    return both.containment, both.jaccard, both.torn


@pytest.mark.parametrize(
    ("left", "right", "containment", "jaccard", "torn"),
    [
        ("lampu jalan mati", "lampu jalan mati", 1.0, 1.0, False),
        ("lampu mati", "lampu jalan mati gelap", 1.0, 0.5, False),
        ("mohon lampu yang mati", "lampu mati di", 1.0, 1.0, False),
        ("lampu mati", "sampah menumpuk", 0.0, 0.0, True),
        ("saluran mampet", "salurn mampet", 1.0, 1.0, False),
        ("lampunya mati", "lampu mati", 1.0, 1.0, False),
        ("rt 03", "rt 3", 1.0, 1.0, False),
        ("pelanggan 0710044321", "pelanggan 0710044322", 0.5, 1 / 3, True),
        ("blok c7 gelap", "blok d2 gelap", 2 / 3, 0.5, True),
        ("", "lampu", 0.0, 0.0, False),
        ("", "", 0.0, 0.0, False),
    ],
)
def test_overlap(left: str, right: str, containment: float, jaccard: float, torn: bool) -> None:
    assert compare(left, right) == pytest.approx((containment, jaccard, torn))
    assert compare(right, left) == pytest.approx((containment, jaccard, torn))


SHIPPED = load_weights().vocabulary()


@pytest.mark.parametrize(
    ("word", "root", "kind"),
    [
        ("diangkuik", "angkut", "sampah"),
        ("banyune", "air", "air_bersih"),
        ("menumpuk", "tumpuk", "sampah"),
        ("kada", "tidak", None),
        ("tiga", "3", None),
        ("flooded", "banjir", "banjir"),
    ],
)
def test_a_word_is_known_by_its_root_whatever_the_region(word: str, root: str, kind: str | None) -> None:
    known = SHIPPED.known(word)
    assert (known.root, known.is_ordinary) == (root, True)
    assert kind is None or kind in known.concepts


def test_what_a_text_names_is_told_from_what_it_tells() -> None:
    words = take_apart("papan jembatan patah 3 di gang kapuk 5 dekat apotek waras arah ke tlogosari", SHIPPED)
    assert {"kapuk", "waras", "tlogosari"} <= words.names
    assert {"papan", "patah"} <= words.matter
    assert words.numbered["kapuk"] == frozenset({"5"})
    assert words.directions == frozenset({"tlogosari"})
    assert not words.is_over


@pytest.mark.parametrize(
    ("text", "is_over"),
    [
        ("lampu gang kapuk sudah nyala lagi", True),
        ("terima kasih jalan sudah mulus ditambal", True),
        ("lampu sudah lama tidak diperbaiki", False),
        ("lampu belum juga diperbaiki", False),
        ("air sudah hidup tapi keruh", False),
        ("lampu mati", False),
    ],
)
def test_a_trouble_that_is_over_is_told_from_one_that_lasts(text: str, is_over: bool) -> None:
    assert take_apart(text, SHIPPED).is_over is is_over


def test_bands_meet_for_similar_texts_and_not_for_others() -> None:
    signer = Signer()
    whole, mistyped, other, short = signer.bands(
        [
            LONG,
            LONG.replace("terangkat", "terangkt"),
            "guru honorer belum menerima gaji sejak januari tahun ini",
            "lampu mati",
        ]
    )
    assert len(whole) == 16
    assert len(set(whole) & set(mistyped)) >= 8
    assert not set(whole) & set(other)
    assert short == ()
    assert signer.bands([LONG]) == [whole]


def test_signers_of_other_versions_never_meet() -> None:
    one, other = Signer(seed=1), Signer(seed=2)
    assert one.version != other.version
    assert not set(one.bands([LONG])[0]) & set(other.bands([LONG])[0])
    with pytest.raises(ValueError, match="at least one band"):
        Signer(bands=0)


def test_a_short_text_has_no_shingles() -> None:
    assert shingles("lampu mati") == set()
    assert "lampu jalan" in shingles("lampu jalan mati di sini")


def meet(one: Report, other: Report) -> bool:
    left, right = KeyMaker().keys([one, other])
    found, back = set(left.stored) & right.wanted.keys(), set(right.stored) & left.wanted.keys()
    assert bool(found) == bool(back)
    return bool(found)


def test_reports_meet_by_person_picture_place_and_neighbouring_cell(make: Make) -> None:
    assert meet(make("a", who=["x", "y"]), make("b", who=["y"]))
    assert meet(make("a", pictures=["p"]), make("b", pictures=["p"]))
    assert meet(make("a", street="jl melati", category="lampu"), make("b", street="jalan melati", category="lampu"))
    assert meet(make("a", km=12.1, category="x"), make("b", km=12.8, category="x"))
    kelurahan = {"region": "16.73.01.1001"}
    assert meet(make("a", rt="03", rw="1", **kelurahan), make("b", rt="3", rw="01", **kelurahan))
    # A whole village without power names no street.
    assert meet(make("a", category="listrik", **kelurahan), make("b", category="listrik", **kelurahan))
    # One street of one city, told to two agencies.
    city = {"street": "jalan melati", "category": "lampu"}
    assert meet(
        make("a", agency="kota", region="16.73.01", **city), make("b", agency="dishub", region="16.73.01.1001", **city)
    )
    # One thing, taken for two subjects or for none.
    assert meet(
        make("a", street="jalan melati", category="lampu"), make("b", street="jalan melati", category="listrik")
    )
    assert meet(make("a", landmark="SDN 5 Melati"), make("b", landmark="depan sd negeri 05 melati", category="sekolah"))
    # 150 m apart, on both sides of a cell's border.
    assert meet(make("a", at=(-3.2999, 102.8615)), make("b", at=(-3.3012, 102.8615)))


def test_reports_of_other_places_do_not_meet(make: Make) -> None:
    street = {"street": "jalan melati"}
    assert not meet(make("a", **street, agency="kota"), make("b", **street, agency="kabupaten"))
    assert not meet(make("a", at=(-3.29, 102.86)), make("b", at=(-3.32, 102.86)))
    assert not meet(make("a", rt="3"), make("b", rt="3"))
    kelurahan = {"region": "16.73.01.1001"}
    assert not meet(make("a", category="listrik", **kelurahan), make("b", category="sampah", **kelurahan))
    city = {"region": "16.73", "category": "listrik"}
    assert not meet(make("a", **city), make("b", **city))
    assert not meet(make("a", landmark="SDN 5 Melati"), make("b", landmark="SDN 4 Melati"))
    assert not meet(make("a", landmark="pasar"), make("b", landmark="pasar"))
    assert not meet(make("a", who=["x"]), make("b", who=["z"]))


def test_keys_are_distinct_and_the_version_names_the_library() -> None:
    maker = KeyMaker()
    assert "rensa" in maker.version
