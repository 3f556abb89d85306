"""Reading the lists of an answer: reports found, where reports stand, all reports, rows of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recipes.compiling import Compiler
from recipes.functions import to_text
from recipes.hubs.operation_model import Changes, Listing, Lookup, ReferenceTable, Standing, Webhook
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression, holds, present
from recipes.times import read_timestamp

CONTEXT = Context(zone="UTC")
NUMBER_LIMIT = 200
"""Characters of a hub's number; what is longer is something else."""


@dataclass(frozen=True, slots=True)
class FoundReport:
    """One report that a look-up found."""

    tracking_id: str
    url: str | None
    shown: tuple[tuple[str, str], ...] = ()
    """What the look-up compares, as the hub shows it."""


@dataclass(frozen=True, slots=True)
class FoundChange:
    """One change of a report."""

    id: str
    tracking_id: str
    reference: str | None
    word: str
    words: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FoundStanding:
    """Where one report stands."""

    tracking_id: str
    word: str
    words: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedReport:
    """One report in the hub's own listing."""

    tracking_id: str
    reference: str | None = None
    word: str | None = None
    words: str | None = None
    at: datetime | None = None
    """Since when it is in that state."""
    created: datetime | None = None
    """When the hub took it in."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a hub's table."""

    code: str
    title: str
    parent: str | None


class Elements:
    """The list in an answer, or None when the answer has none or cannot be read."""

    def __init__(
        self, spec: Lookup | Changes | Standing | Webhook | Listing | ReferenceTable, compiler: Compiler, *where: str
    ) -> None:
        self._found = compiler.expression(spec.found, *where, "found")
        self._within = compiler.optional(spec.within, *where, "within")

    def read(self, document: Value) -> list[Value] | None:
        """The elements, each for its own reader."""
        try:
            found = self._found(document, CONTEXT)
            if isinstance(found, list):
                return found
            # XML writes a list of one as one, and an empty one as nothing.
            if self._within is None or self._within(document, CONTEXT) is None:
                return None
        except MappingError:
            return None
        return [found] if present(found) else []


class LookupReader:
    """Reads the answer to a look-up."""

    def __init__(self, lookup: Lookup, compiler: Compiler) -> None:
        self._elements = Elements(lookup, compiler, "lookup")
        self._tracking_id = compiler.expression(lookup.tracking_id, "lookup", "tracking_id")
        self._url = compiler.optional(lookup.url, "lookup", "url")
        self._same = {name: compiler.expression(name, "lookup", "same", name) for name in lookup.same}

    def read(self, document: Value) -> Sequence[FoundReport] | None:
        """The reports; None when the answer cannot be read."""
        elements = self._elements.read(document)
        if elements is None:
            return None
        found = []
        for element in elements:
            tracking_id = text_of(self._tracking_id, element)
            if tracking_id is None or len(tracking_id) > NUMBER_LIMIT:
                return None
            shown = tuple((name, text_of(each, element, cut=False) or "") for name, each in self._same.items())
            found.append(FoundReport(tracking_id, text_of(self._url, element) if self._url else None, shown))
        return found


class StandingReader:
    """Reads where reports stand."""

    def __init__(self, standing: Standing, compiler: Compiler) -> None:
        self._elements = Elements(standing, compiler, "standing")
        self._tracking_id = compiler.expression(standing.tracking_id, "standing", "tracking_id")
        self._word = compiler.expression(standing.word, "standing", "word")
        self._words = compiler.optional(standing.words, "standing", "words")
        self._at = compiler.optional(standing.at, "standing", "at")

    def read(self, document: Value) -> Sequence[FoundStanding] | None:
        """The reports; None when the answer cannot be read."""
        try:
            elements = self._elements.read(document)
            return None if elements is None else [self._standing(element) for element in elements]
        except MappingError:
            return None

    def _standing(self, element: Value) -> FoundStanding:
        tracking_id, word = text_of(self._tracking_id, element), text_of(self._word, element)
        if tracking_id is None or word is None:
            raise MappingError("a report lacks its number or its word")
        words = text_of(self._words, element) if self._words else None
        return FoundStanding(
            tracking_id, word, words, read_timestamp(self._at(element, CONTEXT), "UTC") if self._at else None
        )


class ListingReader:
    """Reads a page of all that the hub has of ours."""

    def __init__(self, listing: Listing, compiler: Compiler) -> None:
        self._elements = Elements(listing, compiler, "listing")
        self._next = compiler.optional(listing.next, "listing", "next")
        self._tracking_id = compiler.expression(listing.tracking_id, "listing", "tracking_id")
        names = ("reference", "word", "words", "at", "created")
        self._optional = {name: compiler.optional(getattr(listing, name), "listing", name) for name in names}

    def read(self, document: Value) -> tuple[Sequence[ListedReport], str | None] | None:
        """The reports, and what to ask for the next page with; None when the answer cannot be read."""
        try:
            elements = self._elements.read(document)
            if elements is None:
                return None
            reports = [self._report(element) for element in elements]
        except MappingError:
            return None
        return reports, text_of(self._next, document) if self._next else None

    def _report(self, element: Value) -> ListedReport:
        tracking_id = text_of(self._tracking_id, element)
        if tracking_id is None:
            raise MappingError("a report lacks its number")
        reference, word, words = (self._text(name, element) for name in ("reference", "word", "words"))
        return ListedReport(
            tracking_id, reference, word, words, self._moment("at", element), self._moment("created", element)
        )

    def _text(self, name: str, element: Value) -> str | None:
        expression = self._optional[name]
        return text_of(expression, element) if expression else None

    def _moment(self, name: str, element: Value) -> datetime | None:
        expression = self._optional[name]
        return read_timestamp(expression(element, CONTEXT), "UTC") if expression else None


class TableReader:
    """Reads one of a hub's tables."""

    def __init__(self, table: ReferenceTable, compiler: Compiler, name: str) -> None:
        self._elements = Elements(table, compiler, "tables", name)
        self._code = compiler.expression(table.code, "tables", name, "code")
        self._title = compiler.expression(table.title, "tables", name, "title")
        self._parent = compiler.optional(table.parent, "tables", name, "parent")

    def read(self, document: Value) -> Sequence[TableRow] | None:
        """The rows; None when the answer cannot be read."""
        elements = self._elements.read(document)
        if elements is None:
            return None
        rows = []
        for element in elements:
            code, title = text_of(self._code, element), text_of(self._title, element)
            if code is None or title is None:
                return None
            rows.append(TableRow(code, title, text_of(self._parent, element) if self._parent else None))
        return rows


def text_of(expression: Expression, document: Value, *, cut: bool = True) -> str | None:
    """A text of an answer, or None: an answer of another shape has none."""
    try:
        text = to_text(expression(document, CONTEXT))
    except MappingError:
        return None
    if text is None or not present(text):
        return None
    clean = text.strip().replace("\x00", "").encode("utf-8", "replace").decode()
    return clean[:2000] if cut else clean


def condition(expression: Expression, document: Value) -> bool:
    """Whether a condition holds; not in an answer of another shape."""
    try:
        return holds(expression(document, CONTEXT))
    except MappingError:
        return False
