"""Places: what agrees, what conflicts, what says nothing."""

import pytest

from normalizer.dedup.places import (
    Match,
    compare_landmarks,
    compare_numbers,
    compare_regions,
    compare_streets,
    distance_metres,
    landmark_name,
    plain_number,
    street_name,
)

AGREES, CONFLICTS, UNKNOWN = Match.AGREES, Match.CONFLICTS, Match.UNKNOWN


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("jalan melati", "jl. melati", AGREES),
        ("Jln Melati", "melati", AGREES),
        ("Jalan Melati Rt.03", "jalan melati", AGREES),
        ("jalan achmad yani", "jalan ahmad yani", AGREES),
        ("jalan melati ii", "jl melati 2", AGREES),
        ("jalan melati 02", "jl melati 2", AGREES),
        ("jalan melati ii", "jalan melati iii", CONFLICTS),
        ("jalan melati 1", "jalan melati 11", CONFLICTS),
        ("jalan melati", "jalan mawar", CONFLICTS),
        ("gang damai", "gang rukun", CONFLICTS),
        ("jalan melati", "gang mawar", UNKNOWN),
        ("jalan melati", "jalan melati raya", UNKNOWN),
        ("jalan melati", "jalan melati 3", UNKNOWN),
        ("jalan", "jalan melati", UNKNOWN),
        ("", "jalan melati", UNKNOWN),
        (None, "jalan melati", UNKNOWN),
        ("gang v", "gang 5", AGREES),
        ("gang v", "gang vi", CONFLICTS),
    ],
)
def test_streets(ours: str | None, theirs: str | None, expected: Match) -> None:
    assert compare_streets(ours, theirs) is expected
    assert compare_streets(theirs, ours) is expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("16.73.01.1001", "16.73.01.1001", AGREES),
        ("16.73.01", "16.73.01.1001", AGREES),
        ("16.73", "16.73.01.1001", UNKNOWN),
        ("16.73", "16.73", UNKNOWN),
        ("16.73.01.1001", "16.73.01.1002", CONFLICTS),
        ("16.73.01", "16.73.02.1001", CONFLICTS),
        ("16.7", "16.73", CONFLICTS),
        (None, "16.73", UNKNOWN),
    ],
)
def test_regions(ours: str | None, theirs: str | None, expected: Match) -> None:
    assert compare_regions(ours, theirs) is expected
    assert compare_regions(theirs, ours) is expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("3", "003", AGREES),
        ("RT 3", "03", AGREES),
        ("No. 12A", "12 a", AGREES),
        ("12", "12a", CONFLICTS),
        ("0", "00", AGREES),
        ("3", None, UNKNOWN),
        ("no", "3", UNKNOWN),
    ],
)
def test_numbers(ours: str | None, theirs: str | None, expected: Match) -> None:
    assert compare_numbers(ours, theirs) is expected
    assert compare_numbers(theirs, ours) is expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("SDN 5 Melati", "depan sd negeri 05 melati", AGREES),
        ("Masjid Al-Huda", "mesjid al huda", AGREES),
        ("Puskesmas Kenangan", "puskesmas kenanga", AGREES),
        ("SDN 5 Melati", "SDN 4 Melati", CONFLICTS),
        ("Pasar Melati", "Pasar Kenanga", CONFLICTS),
        ("depan Pasar Melati", "Pasar Kenanga", UNKNOWN),
        ("SDN 5 Melati", "Pasar Melati", UNKNOWN),
        ("pasar", "Pasar Melati", UNKNOWN),
        ("depan", "Pasar Melati", UNKNOWN),
        (None, "Pasar Melati", UNKNOWN),
    ],
)
def test_landmarks(ours: str | None, theirs: str | None, expected: Match) -> None:
    assert compare_landmarks(ours, theirs) is expected
    assert compare_landmarks(theirs, ours) is expected


def test_names_for_keys() -> None:
    assert street_name("Jl. Melati II") == street_name("jalan melati 2") == "melati 2"
    assert plain_number("RW 005") == "5"
    assert landmark_name("depan SD Negeri 05 Melati Indah") == "sd 5 melati"
    assert landmark_name("dekat pasar") == landmark_name(None) == ""


def test_distance() -> None:
    assert distance_metres((0.0, 100.0), (1.0, 100.0)) == pytest.approx(111_195, abs=1)
    assert distance_metres((-3.0, 100.0), (-3.0, 100.0)) == 0.0
    assert distance_metres((None, None), (1.0, 100.0)) is None
