"""Reading changes: a list of them in an answer, and one by one wherever a hub tells them."""

from collections.abc import Sequence

from recipes.compiling import Compiler
from recipes.hubs.listings import CONTEXT, Elements, FoundChange, condition, text_of
from recipes.hubs.operation_model import ChangeFields, Changes
from recipes.mapped import MappingError, Value
from recipes.times import read_timestamp


class ChangeReader:
    """Reads one change."""

    def __init__(self, fields: ChangeFields, compiler: Compiler, where: str) -> None:
        self._id = compiler.expression(fields.id, where, "id")
        self._tracking_id = compiler.expression(fields.tracking_id, where, "tracking_id")
        self._reference = compiler.optional(fields.reference, where, "reference")
        self._word = compiler.expression(fields.word, where, "word")
        self._words = compiler.optional(fields.words, where, "words")
        self._at = compiler.expression(fields.at, where, "at")

    def read(self, element: Value) -> FoundChange:
        """The change in an element.

        :raises MappingError: it lacks what a change needs.
        """
        identity, tracking_id, word = (text_of(e, element) for e in (self._id, self._tracking_id, self._word))
        at = read_timestamp(self._at(element, CONTEXT), "UTC")
        if identity is None or tracking_id is None or word is None or at is None:
            raise MappingError("a change lacks its number, its report, its word or its time")
        reference = text_of(self._reference, element) if self._reference else None
        return FoundChange(
            identity, tracking_id, reference, word, text_of(self._words, element) if self._words else None, at
        )


class ChangesReader:
    """Reads a list of changes."""

    def __init__(self, changes: Changes, compiler: Compiler) -> None:
        self._elements = Elements(changes, compiler, "changes")
        self._cursor = compiler.expression(changes.cursor, "changes", "cursor")
        self._more = compiler.optional(changes.more, "changes", "more")
        self._change = ChangeReader(changes, compiler, "changes")

    def read(self, document: Value) -> tuple[Sequence[FoundChange], str | None, bool] | None:
        """The changes, the next cursor, whether more is waiting; None when the answer cannot be read."""
        try:
            elements = self._elements.read(document)
            if elements is None:
                return None
            changes = [self._change.read(element) for element in elements]
        except MappingError:
            return None
        cursor = text_of(self._cursor, document)
        if cursor is None:
            return None
        return changes, cursor, self._more is not None and condition(self._more, document)
