"""Sealing: opens only where it was sealed, with the key that sealed it; blind indexes are stable and keyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.sealing.protocol import SealingError
from runtime.sealing.sealer import Sealer

SEALER = Sealer(bytes(range(32)))
OTHER = Sealer(bytes(range(1, 33)))
NAMES = st.text(st.characters(exclude_characters="\x1f", codec="utf-8"), max_size=30)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=50)

KNOWN_ID = "2bdda98a"
KNOWN_TOKEN = "v1.2bdda98a.AAECAwQFBgcICQoLcSNeO-XDwoJLJrvwDm5tozkw8r_ytua-XKIfNPOtV4PIDaqfcZBndrI"
KNOWN_INDEX = "89e4c60a33c62817555ddfb321e46119"


def test_what_was_sealed_long_ago_still_opens() -> None:
    """Fails when a derivation or the format changes by accident: everything sealed before would be lost."""
    assert SEALER.key_id == KNOWN_ID
    assert SEALER.open(KNOWN_TOKEN, subject="pesan-1", field="payload") == b"Lampu mati di depan pasar"
    assert SEALER.blind("phone", "+6281100001234") == KNOWN_INDEX


@given(st.binary(max_size=500), ANY_TEXT, NAMES)
def test_round_trip(data: bytes, subject: str, field: str) -> None:
    assert SEALER.open(SEALER.seal(data, subject=subject, field=field), subject=subject, field=field) == data
    assert (
        SEALER.open_bytes(SEALER.seal_bytes(data, subject=subject, field=field), subject=subject, field=field) == data
    )


@given(st.binary(max_size=50), st.data())
def test_one_altered_character_is_noticed(content: bytes, data: st.DataObject) -> None:
    token = SEALER.seal(content, subject="s", field="f")
    at = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="utf-8").filter(lambda c: c != token[at]))
    with pytest.raises(SealingError):
        SEALER.open(token[:at] + character + token[at + 1 :], subject="s", field="f")


@given(st.binary(max_size=50), st.data())
def test_one_altered_bit_is_noticed(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(SEALER.seal_bytes(content, subject="s", field="f"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealingError):
        SEALER.open_bytes(bytes(sealed), subject="s", field="f")


@pytest.mark.parametrize(("subject", "field"), [("t", "f"), ("s", "g"), ("", "f"), ("s\x1ff", ""), ("s", "f ")])
def test_it_opens_nowhere_else(subject: str, field: str) -> None:
    with pytest.raises(SealingError, match="altered, moved elsewhere"):
        SEALER.open(SEALER.seal(b"x", subject="s", field="f"), subject=subject, field=field)


def test_subject_and_field_cannot_be_shifted_into_each_other() -> None:
    with pytest.raises(SealingError):
        SEALER.open(SEALER.seal(b"x", subject="a\x1fb", field="c"), subject="a", field="b")
    with pytest.raises(ValueError, match="no control characters"):
        SEALER.seal(b"x", subject="a", field="b\x1fc")
    with pytest.raises(ValueError, match="no control characters"):
        SEALER.blind("a\x1fb", "c")


def test_another_key_is_named() -> None:
    token = SEALER.seal(b"x", subject="s", field="f")
    with pytest.raises(SealingError, match=f"sealed with key {SEALER.key_id}, but the key in use is {OTHER.key_id}"):
        OTHER.open(token, subject="s", field="f")
    with pytest.raises(SealingError, match="another key"):
        OTHER.open_bytes(SEALER.seal_bytes(b"x", subject="s", field="f"), subject="s", field="f")


@pytest.mark.parametrize("token", ["", "x", "v1", "v1.a", "v1.a.b.c", "v1.a.@@@", "v2.a.AAAA", f"v1.{SEALER.key_id}.é"])
def test_what_is_not_sealed_is_refused(token: str) -> None:
    with pytest.raises(SealingError):
        SEALER.open(token, subject="s", field="f")


@pytest.mark.parametrize("size", [0, 1, 11, 12, 27])
def test_a_remnant_is_refused(size: int) -> None:
    with pytest.raises(SealingError):
        SEALER.open_bytes(SEALER.seal_bytes(b"", subject="s", field="f")[:size], subject="s", field="f")


def test_sealing_twice_gives_two_tokens_and_shows_nothing() -> None:
    first, second = (SEALER.seal(b"rahasia sekali", subject="s", field="f") for _ in range(2))
    assert first != second
    assert "rahasia" not in first
    assert first.startswith(f"v1.{SEALER.key_id}.")


@given(ANY_TEXT, ANY_TEXT)
def test_blind_indexes_tell_equal_from_unequal(one: str, two: str) -> None:
    assert (SEALER.blind("phone", one) == SEALER.blind("phone", two)) == (one == two)
    assert SEALER.blind("phone", one) != SEALER.blind("email", one)
    assert SEALER.blind("phone", one) != OTHER.blind("phone", one)
    assert len(SEALER.blind("phone", one)) == 32


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(SealingError, match=f"has 32 bytes, this one has {size}"):
        Sealer(b"x" * size)
