"""How many identities masking covers, and how many messages it changes where nothing is to be covered."""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.quality.score import Score, share
from benchmarks.quality.sheets import HALVES, sheet
from normalizer.understanding.masking import identities

ROUNDS = 12
"""How often each spelling is drawn, each time with other digits and in another sentence."""
SEED = 6
_MARK = re.compile(r"⟦(.*?)⟧", re.DOTALL)
_DIGIT = re.compile(r"#(?!\d{3})")
"""A digit to be drawn; `#91658` is a number as hubs write it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A message and where in it identities stand."""

    kind: str
    text: str
    planted: tuple[tuple[int, int], ...]

    def leaked(self) -> list[str]:
        """The identities of which masking leaves a letter or a digit."""
        covered = _signs(self.text, ((found.start, found.end) for found in identities(self.text)))
        return [self.text[start:end] for start, end in self.planted if _signs(self.text, [(start, end)]) - covered]

    def overdone(self) -> str:
        """What masking covers beside them; empty when it is right."""
        planted = _signs(self.text, self.planted)
        covered = _signs(self.text, ((found.start, found.end) for found in identities(self.text)))
        return "".join(self.text[at] for at in sorted(covered - planted))


def cases(name: str) -> list[Case]:
    """The labelled messages of a file: written ones, and spellings drawn into sentences; the same ones each time."""
    table = sheet(name)
    drawn = random.Random(SEED)
    found = list(_drawn(drawn, table["identities"], table["carriers"], is_identity=True))
    found += _drawn(drawn, table["harmless"], table["harmless_carriers"], is_identity=False)
    found += [_case("written", text) for text in (*table["texts"], *table["clean"])]
    return found


def scores() -> list[Score]:
    """Recall and false alarms, of the cases that it was built by and of those held back."""
    found: list[Score] = []
    for ending, label in HALVES:
        every = cases(f"masking{ending}")
        planted = sum(len(case.planted) for case in every)
        missed = sum(len(case.leaked()) for case in every)
        wrong = sum(bool(case.overdone()) for case in every)
        found.append(share("masking", f"identities covered, {label}", planted - missed, planted, 0.99))
        found.append(share("masking", f"messages masked too much (less is better), {label}", wrong, len(every), 0.005))
    return found


def _drawn(
    drawn: random.Random, spellings: dict[str, list[str]], carriers: list[str], *, is_identity: bool
) -> Iterator[Case]:
    for kind, shapes in spellings.items():
        for shape in shapes:
            marked = f"⟦{shape}⟧" if is_identity and "⟦" not in shape else shape
            for _ in range(ROUNDS):
                filled = _DIGIT.sub(lambda _: str(drawn.randrange(10)), marked)
                yield _case(kind, drawn.choice(carriers).replace("{x}", filled))


def _case(kind: str, marked: str) -> Case:
    text, planted, end = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[end : match.start()]
        planted.append((len(text), len(text) + len(match[1])))
        text += match[1]
        end = match.end()
    return Case(kind, text + marked[end:], tuple(planted))


def _signs(text: str, spans: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in spans for at in range(start, end) if text[at].isalnum()}
