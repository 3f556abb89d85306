"""How often people are read right: telephones, e-mail, names, NIK.

`python -m benchmarks.quality.understanding_people` prints the mistakes on the half to build by.
"""

from collections.abc import Iterator

from benchmarks.quality.labelled import HALVES, Case, Half, cases
from benchmarks.quality.score import Score, share, tell
from normalizer.understanding.names_told import names_in
from normalizer.understanding.nik import niks_in
from normalizer.understanding.people import emails_in, phones_in

_STEP = "people"
_KINDS = ("phones", "emails", "names", "niks")


class PeopleCase(Case):
    """A text and who it names."""

    phones: tuple[str, ...] = ()
    """E.164."""
    emails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """The writer's own, as written."""
    nik: str | None = None
    """16 digits that can be one."""

    @property
    def niks(self) -> tuple[str, ...]:
        """At most one."""
        return (self.nik,) if self.nik else ()


def _read(text: str) -> dict[str, list[str]]:
    return dict(zip(_KINDS, (phones_in(text), emails_in(text), names_in(text), niks_in(text)), strict=True))


def scores() -> list[Score]:
    """The scores of both halves, the one held back last."""
    return [score for half in HALVES for score in _scores(half)]


def _scores(half: Half) -> Iterator[Score]:
    wanted = found = right = 0
    for case in cases("people", PeopleCase, half):
        read = _read(case.text)
        for kind in _KINDS:
            meant = set(getattr(case, kind))
            wanted += len(meant)
            found += len(read[kind])
            right += len(meant & set(read[kind]))
    yield share(_STEP, f"identities found, {half}", right, wanted, 0.9)
    yield share(_STEP, f"precision of identities, {half}", right, found, 0.95)


def mistakes(half: Half) -> Iterator[str]:
    """What is wrong, a line each."""
    for case in cases("people", PeopleCase, half):
        read = _read(case.text)
        for kind in _KINDS:
            if set(read[kind]) != set(getattr(case, kind)):
                yield f"{case.text!r}: {kind} {read[kind]} for {list(getattr(case, kind))}"


if __name__ == "__main__":
    tell(mistakes("to build by"), scores())
