"""From a hub's answer to what it means."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recipes.compiling import Compiler
from recipes.functions import to_text
from recipes.hubs.models import Changes, ErrorRule, HubProfile, Lookup, OutcomeWord
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression, holds, present
from recipes.times import read_timestamp

_CONTEXT = Context(zone="UTC")
_REASON_LIMIT = 500
_NUMBER_LIMIT = 200

_BUILT_IN = (
    ErrorRule(status=[401, 403], outcome="stop", sentence="the hub refuses our credentials: correct the secret"),
    ErrorRule(status=[429], outcome="wait", sentence="the hub asks for fewer requests"),
    ErrorRule(status=[408, 425], outcome="retry", sentence="the hub did not take the request in time"),
    ErrorRule(status=["3xx"], outcome="stop", sentence="the hub points elsewhere: correct the configured address"),
    ErrorRule(status=["4xx"], outcome="reject", sentence="the hub refuses this request"),
    ErrorRule(status=["5xx"], outcome="ambiguous", sentence="the hub failed while it had the request"),
)


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes

    def document(self) -> dict[str, Value]:
        """As expressions read it; `body` is None when it is no JSON."""
        try:
            body = json.loads(self.content)
        except (ValueError, RecursionError):
            body = None
        return {"status": self.status, "headers": dict(self.headers), "body": body}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer means."""

    outcome: OutcomeWord
    reason: str
    """For people; empty when done."""
    tracking_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class FoundReport:
    """One report that a look-up found."""

    tracking_id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class FoundChange:
    """One change of a report."""

    id: str
    tracking_id: str
    reference: str | None
    word: str
    words: str | None
    at: datetime


class AnswerReader:
    """The compiled parts of a profile that read answers."""

    def __init__(self, profile: HubProfile, compiler: Compiler) -> None:
        self._tracking_id = compiler.expression(profile.answer.tracking_id, "answer", "tracking_id")
        self._url = compiler.optional(profile.answer.url, "answer", "url")
        self._refusal = compiler.optional(profile.refusal, "refusal")
        own = [
            (rule, compiler.optional(rule.when, "errors", index, "when")) for index, rule in enumerate(profile.errors)
        ]
        self._rules: list[tuple[ErrorRule, Expression | None]] = [*own, *((rule, None) for rule in _BUILT_IN)]
        self._lookup = _LookupReader(profile.lookup, compiler) if profile.lookup else None
        self._changes = _ChangesReader(profile.changes, compiler) if profile.changes else None

    def read(self, answer: HubAnswer) -> Meaning:
        """What an answer to create or update means. Never raises: what cannot be read is ambiguous."""
        document = answer.document()
        ruled = self._ruled(answer.status, document)
        if ruled is not None and ruled.outcome != "done":
            return ruled
        if ruled is None and not 200 <= answer.status < 300:
            return Meaning("ambiguous", f"the hub answered {answer.status}, which the profile does not know")
        tracking_id = _text(self._tracking_id, document)
        if tracking_id is None or len(tracking_id) > _NUMBER_LIMIT:
            return Meaning("ambiguous", f"the hub answered {answer.status} without its number for the complaint")
        return Meaning("done", "", tracking_id, _text(self._url, document) if self._url else None)

    def found(self, answer: HubAnswer) -> Sequence[FoundReport] | Meaning:
        """The reports of a look-up; or what the answer means, when it is no success (or a success without a list)."""
        document = answer.document()
        failed = self._failed(answer, document)
        if failed is not None:
            return failed
        found = self._lookup.read(document) if self._lookup else None
        return Meaning("ambiguous", "the hub's answer to a look-up cannot be read") if found is None else found

    def changed(self, answer: HubAnswer) -> tuple[Sequence[FoundChange], str | None, bool] | Meaning:
        """Changes, the next cursor, and whether more are waiting; or what is wrong."""
        document = answer.document()
        failed = self._failed(answer, document)
        if failed is not None:
            return failed
        found = self._changes.read(document) if self._changes else None
        return Meaning("ambiguous", "the hub's list of changes cannot be read") if found is None else found

    def _failed(self, answer: HubAnswer, document: Value) -> Meaning | None:
        ruled = self._ruled(answer.status, document)
        if ruled is not None and ruled.outcome != "done":
            return ruled
        if not 200 <= answer.status < 300:
            return Meaning("ambiguous", f"the hub answered {answer.status}, which the profile does not know")
        return None

    def _ruled(self, status: int, document: Value) -> Meaning | None:
        for rule, when in self._rules:
            if status not in rule.status and f"{status // 100}xx" not in rule.status:
                continue
            if when is None or _condition(when, document):
                words = _text(self._refusal, document) if self._refusal else None
                reason = f"{rule.sentence} ({status}{f': {words}' if words else ''})"
                return Meaning(rule.outcome, reason[:_REASON_LIMIT])
        return None


class _LookupReader:
    def __init__(self, lookup: Lookup, compiler: Compiler) -> None:
        self._found = compiler.expression(lookup.found, "lookup", "found")
        self._tracking_id = compiler.expression(lookup.tracking_id, "lookup", "tracking_id")
        self._url = compiler.optional(lookup.url, "lookup", "url")

    def read(self, document: Value) -> Sequence[FoundReport] | None:
        try:
            elements = self._found(document, _CONTEXT)
        except MappingError:
            return None
        if not isinstance(elements, list):
            return None
        found = []
        for element in elements:
            tracking_id = _text(self._tracking_id, element)
            if tracking_id is None or len(tracking_id) > _NUMBER_LIMIT:
                return None
            found.append(FoundReport(tracking_id, _text(self._url, element) if self._url else None))
        return found


class _ChangesReader:
    def __init__(self, changes: Changes, compiler: Compiler) -> None:
        def optional(name: str) -> Expression | None:
            return compiler.optional(getattr(changes, name), "changes", name)

        self._found = compiler.expression(changes.found, "changes", "found")
        self._cursor = compiler.expression(changes.cursor, "changes", "cursor")
        self._more = optional("more")
        self._id = compiler.expression(changes.id, "changes", "id")
        self._tracking_id = compiler.expression(changes.tracking_id, "changes", "tracking_id")
        self._reference = optional("reference")
        self._word = compiler.expression(changes.word, "changes", "word")
        self._words = optional("words")
        self._at = compiler.expression(changes.at, "changes", "at")

    def read(self, document: Value) -> tuple[Sequence[FoundChange], str | None, bool] | None:
        try:
            elements = self._found(document, _CONTEXT)
            if not isinstance(elements, list):
                return None
            changes = [self._change(element) for element in elements]
        except MappingError:
            return None
        cursor = _text(self._cursor, document)
        if cursor is None:
            return None
        return changes, cursor, self._more is not None and _condition(self._more, document)

    def _change(self, element: Value) -> FoundChange:
        identity, tracking_id, word = (_text(e, element) for e in (self._id, self._tracking_id, self._word))
        at = read_timestamp(self._at(element, _CONTEXT), "UTC")
        if identity is None or tracking_id is None or word is None or at is None:
            raise MappingError("a change lacks its number, its report, its word or its time")
        reference = _text(self._reference, element) if self._reference else None
        return FoundChange(
            identity, tracking_id, reference, word, _text(self._words, element) if self._words else None, at
        )


def _text(expression: Expression, document: Value) -> str | None:
    """A text of an answer, or None: an answer of another shape has none."""
    try:
        text = to_text(expression(document, _CONTEXT))
    except MappingError:
        return None
    if text is None or not present(text):
        return None
    return text.strip().replace("\x00", "").encode("utf-8", "replace").decode()[:2000]


def _condition(expression: Expression, document: Value) -> bool:
    try:
        return holds(expression(document, _CONTEXT))
    except MappingError:
        return False
