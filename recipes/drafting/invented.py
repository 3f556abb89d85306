"""Puts invented people where a sample has real ones, so that it may become an example."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from recipes.drafting import shapes
from recipes.drafting.leaves import form_answers, words_of
from recipes.drafting.vocabulary import NAMES, NOT_IT
from recipes.mapped import Value

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w.])\+?\d[\d .()-]{7,18}\d(?!\w)")
_CARD = re.compile(r"(?<!\d)\d{16}(?!\d)")
_DAY = re.compile(r"(?:[0-3]?\d([-./ ])[01]?\d\1(?:19|20)\d\d|(?:19|20)\d\d([-./ ])?[01]\d\2[0-3]\d)(?=\D|$)")
_NAME = re.compile(r"(?!.*\.\w{2,4}$)[^\W\d][^\d@/]{2,79}")
"""What may be a person's name: not a file's, whose ending tells it."""


@dataclass(slots=True)
class Invented:
    """Replaces, the same person by the same one throughout. Free text may name people in other ways: read it."""

    names: Collection[str] = ()
    """Paths' last keys that hold names, beside those that are called so."""
    _people: dict[str, str] = field(default_factory=dict)

    def __call__(self, document: Value, key: str = "") -> Value:
        """The document without the identities that can be told."""
        if key == "":
            self._meet(document)
        if isinstance(document, dict):
            return {name: self(value, name or " ") for name, value in document.items()}
        if isinstance(document, list):
            return [self(each, key or " ") for each in document]
        if isinstance(document, str):
            return self.text(document)
        if isinstance(document, int) and not isinstance(document, bool) and shapes.as_phone(document):
            return document if shapes.as_time(document) else int(self._digits(str(document)))
        return document

    def _meet(self, document: Value, key: str = "") -> None:
        """Note the names that stand in fields of their own: they are looked for in the texts, too."""
        if isinstance(document, dict):
            for name, value in document.items():
                self._meet(value, name)
        elif isinstance(document, list):
            for _, label, _, answer in form_answers(document):
                self._meet(answer, label)
            for each in document:
                self._meet(each, key)
        elif isinstance(document, str) and self._is_name(key) and _NAME.fullmatch(document.strip()):
            number = sum(each.startswith("Warga") for each in self._people.values()) + 1
            self._people.setdefault(document.strip(), "Warga Contoh" if number == 1 else f"Warga Contoh {number}")

    def _is_name(self, key: str) -> bool:
        words = words_of(key)
        if key in self.names:
            return True
        return " ".join(words) in NAMES["name"] and not NOT_IT["name"] & set(words)

    def text(self, text: str) -> str:
        """A text without the identities that can be told, those among them that were met before."""
        for name, instead in sorted(self._people.items(), key=lambda each: -len(each[0])):
            if instead.startswith("Warga"):
                text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, text, flags=re.IGNORECASE)
        text = _EMAIL.sub(lambda found: self._email(found[0]), text)
        text = _CARD.sub(lambda found: self._card(found[0]), text)
        return _NUMBER.sub(lambda found: self._digits(found[0]) if _is_phone(found[0]) else found[0], text)

    def _email(self, address: str) -> str:
        return self._people.setdefault(address.lower(), f"warga{self._count('@')}@warga.example")

    def _card(self, number: str) -> str:
        return self._people.setdefault(number, f"{self._count('0000000000'):016d}")

    def _digits(self, number: str) -> str:
        """In the form in which it was written, up to where the subscriber begins: `+62 811-0000-0001`."""
        bare = re.sub(r"\D", "", number)
        known = shapes.as_phone(number) or bare
        new = self._people.setdefault(f"tel:{known}", f"0000{self._count('0000', of='tel:'):04d}")
        wanted = ("62" if bare.startswith("62") else "0" if bare.startswith("0") else "") + "811" + new
        digits = iter(wanted)
        shaped = "".join(next(digits, "") if sign.isdigit() else sign for sign in number)
        return (shaped + "".join(digits)).rstrip(" -.(")

    def _count(self, sign: str, *, of: str = "") -> int:
        return sum(sign in value and key.startswith(of) for key, value in self._people.items()) + 1


def _is_phone(text: str) -> bool:
    """Whether it is a number of a telephone, and not a time or the beginning of one: `25-11-2026 07`."""
    return shapes.as_phone(text) is not None and shapes.as_time(text) is None and _DAY.match(text) is None
