import uuid
from datetime import UTC, datetime

import pytest

from normalizer.parts import Part
from normalizer.settling.composing import compose
from recipes.mapped import Mapped

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "text", "name"),
    [
        (None, "Lampu mati. Nama saya Siti Contoh, RT 3", "Siti Contoh"),
        ("Budi di WA", "Lampu mati. Nama saya Siti Contoh", "Budi di WA"),
        (None, "Lampu mati", None),
        (None, "Nama: Siti Contoh\na.n. Budi Contoh", None),
    ],
)
def test_a_writer_who_tells_their_name_has_one(named: str | None, text: str, name: str | None) -> None:
    part = Part(uuid.UUID(int=1), "sms", "gerbang", NOW, Mapped(text=text, name=named))
    assert compose([part]).name == name
