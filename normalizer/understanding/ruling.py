"""The rule tables in use: an agency's own where it has some, else those that come with Muara."""

from collections.abc import Iterator
from pathlib import Path

from normalizer.understanding.categories import Categorizer
from normalizer.understanding.classification import Classifier
from normalizer.understanding.own_categories import load_categories
from normalizer.understanding.spam import SpamFilter
from normalizer.understanding.tables import RulesError

CATEGORIES, CLASSIFICATION, SPAM = "categories.yaml", "classification.yaml", "spam.yaml"


class Ruling:
    """What decides about texts. `folder` may hold tables of the agency's own; it need not exist.

    Raises:
        RulesError: a table cannot be used, or a file in the folder is none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        own = {file.name: file for file in sorted(folder.glob("*"))} if folder is not None and folder.is_dir() else {}
        known = (CATEGORIES, CLASSIFICATION, SPAM)
        if strange := [str(file) for name, file in own.items() if name not in known and not name.startswith(".")]:
            raise RulesError(f"{strange[0]}: nobody reads this; tables of rules are called {', '.join(known)}")
        self.own = tuple(name for name in known if name in own)
        """Which tables are the agency's own."""
        self.categories = Categorizer(table=load_categories(own[CATEGORIES]) if CATEGORIES in own else None)
        self.classes = Classifier(own.get(CLASSIFICATION))
        self.spam = SpamFilter(own.get(SPAM))

    @property
    def cases(self) -> int:
        """How many cases the tables carry."""
        return sum(len(each.table.cases) for each in (self.categories, self.classes, self.spam))

    def failures(self) -> Iterator[str]:
        """The tables' own cases that do not come out as they say, in words."""
        for case in self.categories.table.cases:
            found = self.categories.guess(case.text)
            got = found.key if found and found.confidence >= self.categories.table.minimum else None
            if got != case.category:
                why = f"{found.key} at {found.confidence} ({', '.join(found.reasons)})" if found else "nothing"
                wanted = case.category or "none"
                yield f"{CATEGORIES}: {case.text!r} is of {got or 'no category'}, not {wanted}; found was {why}"
        for each in self.classes.table.cases:
            kind = self.classes.classify(each.text)[0]
            if kind != each.wanted:
                yield f"{CLASSIFICATION}: {each.text!r} is {kind}, not {each.wanted}"
        for told in self.spam.table.cases:
            verdict = self.spam.judge(told.text)
            reason = verdict.reason if verdict and verdict.is_certain else None
            if reason != told.ignored:
                yield f"{SPAM}: {told.text!r} is {reason or 'a complaint'}, not {told.ignored or 'a complaint'}"
