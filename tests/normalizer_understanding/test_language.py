import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.understanding.language import LanguageDetector


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lampu jalan di depan rumah kami mati sudah tiga hari", "id"),
        ("lampu mati pak", "id"),
        ("tolong pak", "id"),
        ("bau bgt sungai nya", "id"),
        ("kpn jln ni dibenerin", "id"),
        ("sampah numpuk", "id"),
        ("PLN mati terus min", "id"),
        ("jl sudirman macet", "id"),
        ("MOHON PERBAIKI JALAN KAMI", "id"),
        ("Taba Jemekeh lampu padam", "id"),
        ("mohon info jadwal vaksin di puskesmas", "id"),
        ("air pdam keruh dan berbau", "id"),
        ("Please fix the street light in front of my house", "en"),
        ("the trash has not been collected for a week", "en"),
        ("water supply is off since yesterday", "en"),
        ("Dalan ngarep omahku rusak kabeh, tulung didandani nggih pak", "jv"),
        ("banyune mati wis telung dino iki piye", "jv"),
        ("Nyuwun sewu, dalan ing RT 3 rusak, nyuwun didandani", "jv"),
        ("jalan di depan imah abdi ruksak, punten didamel", "su"),
        ("air pam teu ngocor geus tilu poe kumaha ieu", "su"),
        ("Punten, runtah teu diangkut, hatur nuhun", "su"),
        ("Jalan kat depan rumah saya rosak teruk, sila baiki", "ms"),
        ("saya nak buat aduan pasal jalan rosak", "ms"),
        ("ok", "und"),
        ("123 456", "und"),
        ("🙏🙏", "und"),
        ("", "und"),
        ("lampu", "und"),
        ("https://contoh", "id"),
    ],
)
def test_language(detector: LanguageDetector, text: str, expected: str) -> None:
    assert detector.detect(text) == expected


def test_many_threads_may_ask_at_once() -> None:
    detector = LanguageDetector()
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(detector.detect("lampu jalan mati di depan rumah")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["id"] * 4


@given(st.text(st.characters(), max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_has_an_answer(text: str) -> None:
    assert SHARED.detect(text) in {"id", "jv", "su", "ms", "en", "und"}


SHARED = LanguageDetector()
