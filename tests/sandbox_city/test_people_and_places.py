"""Nobody who exists, at places that can be found."""

import random
import re

import phonenumbers
import pytest
from lokal import wilayah

from sandbox.city.geography import HOME_REGION, STREETS, City
from sandbox.city.people import Census, Register, spell_phone
from sandbox.city.speech import colour, mistype


def test_numbers_belong_to_nobody_and_no_two_people_share_one() -> None:
    census = Census(random.Random(1), City(), STREETS)
    people = [census.newcomer() for _ in range(10_500)]
    assert all(re.fullmatch(r"\+628\d\d0000\d{4}", citizen.e164) for citizen in people)
    assert len({citizen.e164 for citizen in people}) == len({citizen.email for citizen in people}) == len(people)
    assert all(citizen.email.endswith("@example.org") for citizen in people)


def test_every_spelling_of_a_number_means_the_same_number() -> None:
    rng = random.Random(2)
    spellings = {spell_phone(rng, "81100001234") for _ in range(300)}
    assert len(spellings) >= 8
    assert {
        phonenumbers.format_number(phonenumbers.parse(text, "ID"), phonenumbers.PhoneNumberFormat.E164)
        for text in spellings
    } == {"+6281100001234"}


def test_villages_are_real_and_their_names_are_unambiguous_in_the_city() -> None:
    villages = City().villages
    assert len(villages) > 50
    names = [village.name.lower() for village in villages]
    assert len(set(names)) == len(names)
    for village in villages:
        region = wilayah.get_wilayah(village.code)
        assert region is not None
        assert region.name == village.name
        assert village.code.startswith(HOME_REGION)
        assert village.district.lower() not in names


def test_a_region_that_does_not_exist_is_refused_with_a_remedy() -> None:
    with pytest.raises(ValueError, match=r"holds no '99\.99': give a city's code"):
        _ = City("99.99").villages


def test_registers_change_words_but_never_places_or_numbers() -> None:
    census, rng = Census(random.Random(3), City(), STREETS), random.Random(4)
    text = "Jalan berlubang sudah lama sekali di Jl. Melati Raya RT 03/RW 05 Unyur, mohon warga yang jatuh dengan motor"
    for _ in range(300):
        said = colour(text, census.newcomer(), rng).lower()
        for kept in ("melati raya", "rt 03/rw 05", "unyur"):
            assert kept in said


@pytest.mark.parametrize("register", list(Register))
def test_each_register_is_somebodys(register: Register) -> None:
    census = Census(random.Random(5), City(), STREETS)
    assert any(census.newcomer().register is register for _ in range(300))


def test_a_mistyped_word_keeps_its_first_letter() -> None:
    rng = random.Random(6)
    made = {mistype("selokan", rng) for _ in range(200)}
    assert len(made) > 10
    assert all(word[0] == "s" and abs(len(word) - 7) <= 1 for word in made)
