import pytest

from normalizer.understanding.phrases import PhraseTable
from normalizer.understanding.words import words


def found(phrases: dict[str, int], text: str) -> list[tuple[str, int]]:
    return [(hit.phrase, hit.start) for hit in PhraseTable(phrases.items()).find(words(text))]


@pytest.mark.parametrize(
    ("phrases", "text", "expected"),
    [
        ({"lampu": 1}, "lampu mati", [("lampu", 0)]),
        ({"lampu": 1, "lampu merah": 2}, "lampu merah mati, lampu", [("lampu merah", 0), ("lampu", 3)]),
        ({"lampu*": 1}, "lampunya mati", [("lampu*", 0)]),
        ({"lampu": 1}, "lampunya mati", []),
        ({"cara* daftar*": 1}, "caranya pendaftaran, cara daftarnya", [("cara* daftar*", 2)]),
        ({"tidak ada": 1}, "gak ada", [("tidak ada", 0)]),
        ({"jalan jalan": 1}, "jalan2", [("jalan jalan", 0)]),
        ({"e ktp": 1}, "e-KTP saya", [("e ktp", 0)]),
        ({"mati lampu": 1}, "mati", []),
        ({"sampah*": 1, "sampah": 2}, "sampah", [("sampah", 0)]),
        ({}, "apa saja", []),
    ],
)
def test_find(phrases: dict[str, int], text: str, expected: list[tuple[str, int]]) -> None:
    assert found(phrases, text) == expected


@pytest.mark.parametrize("phrase", ["", "!!", "a*", "ab*", "satu b*"])
def test_a_phrase_that_matches_everything_or_nothing_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="the phrase"):
        PhraseTable([(phrase, 1)])


def test_one_phrase_may_have_two_meanings() -> None:
    hits = PhraseTable([("bau", "sampah"), ("bau", "limbah")]).find(["bau"])
    assert [hit.meaning for hit in hits] == ["sampah", "limbah"]
