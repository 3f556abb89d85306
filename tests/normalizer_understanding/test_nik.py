import pytest

from normalizer.understanding.nik import Nik, niks_in, read_nik


def test_what_a_number_says() -> None:
    assert read_nik("3174095003900001") == Nik("31.74.09", 10, 3, 90, "P", "0001")
    assert read_nik("3578 0312 0585 0003") == Nik("35.78.03", 12, 5, 85, "L", "0003")
    assert read_nik("6471012902040002") is not None  # 29 February 2004


@pytest.mark.parametrize(
    "written",
    [
        "",
        "317409500390000",
        "31740950039000011",
        "9978031205850003",  # no such province
        "3200031205850003",  # no kabupaten
        "3578991205850003",  # no kecamatan
        "3578037205850003",  # day 72: 32 of a woman
        "3578031213850003",  # month 13
        "3578032902010003",  # 29 February of no leap year
        "3578031205850000",  # no serial
        "35780312058500O3",
    ],
)
def test_what_can_be_none(written: str) -> None:
    assert read_nik(written) is None


def test_the_numbers_in_a_text() -> None:
    assert niks_in("NIK saya 3578 0312 0585 0003, KK 3578031202200001. NIK 3578031205850003") == [
        "3578031205850003",
        "3578031202200001",
    ]
    assert niks_in("no tiket 20261021000123, rekening 0123456789012345") == []
