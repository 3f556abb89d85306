"""From a hub's answer to what it means."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from recipes import xml
from recipes.compiling import Compiler
from recipes.hubs.answer_model import BUILT_IN, ErrorRule, OutcomeWord
from recipes.hubs.changes import ChangesReader
from recipes.hubs.listings import (
    NUMBER_LIMIT,
    FoundChange,
    FoundReport,
    FoundStanding,
    ListedReport,
    ListingReader,
    LookupReader,
    StandingReader,
    TableReader,
    TableRow,
    condition,
    text_of,
)
from recipes.hubs.models import HubProfile
from recipes.mapped import Value
from recipes.paths import Expression

_REASON_LIMIT = 500
_TEXT_LIMIT = 20_000


@dataclass(frozen=True)
class HubAnswer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes

    @cached_property
    def document(self) -> dict[str, Any]:
        """As expressions read it: `body` from JSON or XML (None when it is neither), `text`, and of XML `anywhere`."""
        body, anywhere = self._body()
        text = self.content[: _TEXT_LIMIT * 4].decode("utf-8", "replace")[:_TEXT_LIMIT]
        return {
            "status": self.status, "headers": dict(self.headers), "body": body, "anywhere": anywhere, "text": text,
        }  # fmt: skip

    def _body(self) -> tuple[Value, dict[str, str]]:
        if self.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            try:
                root = xml.parse(self.content.lstrip())
                return xml.to_data(root), xml.first_texts(root)
            except xml.BadXml:
                return None, {}
        try:
            return json.loads(self.content), {}
        except (ValueError, RecursionError):
            return None, {}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer means."""

    outcome: OutcomeWord
    reason: str
    """For people; empty when done."""
    tracking_id: str | None = None
    url: str | None = None
    after: float | None = None
    """Seconds to leave it alone, where the profile says so."""
    renew: bool = False
    """Another token or session may help."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A session."""

    token: str
    lasts: float | None
    """Seconds; None: until it is refused."""


class AnswerReader:
    """The compiled parts of a profile that read answers."""

    def __init__(self, profile: HubProfile, compiler: Compiler) -> None:
        self._tracking_id = compiler.expression(profile.answer.tracking_id, "answer", "tracking_id")
        self._url = compiler.optional(profile.answer.url, "answer", "url")
        self._refusal = compiler.optional(profile.refusal, "refusal")
        self._confirmed = {
            kind: compiler.expression(operation.confirmed, kind, "confirmed")
            for kind in ("update", "comment", "attach")
            if (operation := getattr(profile, kind)) is not None and operation.confirmed is not None
        }
        own = [
            (rule, compiler.optional(rule.when, "errors", index, "when")) for index, rule in enumerate(profile.errors)
        ]
        self._rules: list[tuple[ErrorRule, Expression | None]] = [*own, *((rule, None) for rule in BUILT_IN)]
        self._lookup = LookupReader(profile.lookup, compiler) if profile.lookup else None
        self._changes = ChangesReader(profile.changes, compiler) if profile.changes else None
        self._standing = StandingReader(profile.standing, compiler) if profile.standing else None
        self._listing = ListingReader(profile.listing, compiler) if profile.listing else None
        self._tables = {name: TableReader(table, compiler, name) for name, table in profile.tables.items()}
        login = profile.auth.login
        self._token = compiler.optional(login.token, "auth", "login", "token") if login else None
        self._lasts: Expression | None = None
        if login and login.lasts is not None:
            spec = {"value": login.lasts} if isinstance(login.lasts, int | float) else login.lasts
            self._lasts = compiler.expression(spec, "auth", "login", "lasts")

    def read(self, answer: HubAnswer, operation: str = "create") -> Meaning:
        """What an answer to create, update, comment or attach means. Never raises: what cannot be read is ambiguous."""
        failed = self.failed(answer)
        if failed is not None:
            return failed
        document = answer.document
        tracking_id = text_of(self._tracking_id, document)
        if tracking_id is not None and len(tracking_id) > NUMBER_LIMIT:
            tracking_id = None
        confirmed = self._confirmed.get(operation)
        if confirmed is not None:
            if not condition(confirmed, document):
                return Meaning("ambiguous", f"the hub answered {answer.status} without what confirms the change")
        elif tracking_id is None:
            return Meaning("ambiguous", f"the hub answered {answer.status} without its number for the complaint")
        return Meaning("done", "", tracking_id, text_of(self._url, document) if self._url else None)

    def found(self, answer: HubAnswer) -> Sequence[FoundReport] | Meaning:
        """The reports of a look-up; or what the answer means, when it is no success (or a success without a list)."""
        failed = self.failed(answer)
        if failed is not None:
            return failed
        found = self._lookup.read(answer.document) if self._lookup else None
        return Meaning("ambiguous", "the hub's answer to a look-up cannot be read") if found is None else found

    def changed(self, answer: HubAnswer) -> tuple[Sequence[FoundChange], str | None, bool] | Meaning:
        """Changes, the next cursor, and whether more are waiting; or what is wrong."""
        failed = self.failed(answer)
        if failed is not None:
            return failed
        found = self._changes.read(answer.document) if self._changes else None
        return Meaning("ambiguous", "the hub's list of changes cannot be read") if found is None else found

    def standing(self, answer: HubAnswer) -> Sequence[FoundStanding] | Meaning:
        """Where reports stand; or what is wrong."""
        failed = self.failed(answer)
        if failed is not None:
            return failed
        found = self._standing.read(answer.document) if self._standing else None
        return Meaning("ambiguous", "the hub's answer on states cannot be read") if found is None else found

    def listed(self, answer: HubAnswer) -> tuple[Sequence[ListedReport], str | None] | Meaning:
        """A page of all that the hub has, and what to ask for the next one with; or what is wrong."""
        failed = self.failed(answer)
        if failed is not None:
            return failed
        found = self._listing.read(answer.document) if self._listing else None
        return Meaning("ambiguous", "the hub's listing cannot be read") if found is None else found

    def table(self, name: str, answer: HubAnswer) -> Sequence[TableRow] | Meaning:
        """The rows of a table; or what is wrong."""
        failed = self.failed(answer)
        if failed is not None:
            return failed
        found = self._tables[name].read(answer.document) if name in self._tables else None
        return Meaning("ambiguous", f'the hub\'s table "{name}" cannot be read') if found is None else found

    def opened(self, answer: HubAnswer) -> Opened | Meaning:
        """The session that a login opened; or what is wrong."""
        failed = self.failed(answer)
        if failed is not None:
            return failed
        token = text_of(self._token, answer.document) if self._token else None
        if token is None:
            return Meaning("retry", f"the hub answered {answer.status} to the login, without a token")
        lasts = text_of(self._lasts, answer.document) if self._lasts else None
        try:
            return Opened(token, float(lasts) if lasts else None)
        except ValueError:
            return Opened(token, None)

    def failed(self, answer: HubAnswer) -> Meaning | None:
        """What an answer means that is no success; None for a success."""
        ruled = self._ruled(answer)
        if ruled is not None:
            return None if ruled.outcome == "done" else ruled
        if 200 <= answer.status < 300:
            return None
        return Meaning("ambiguous", f"the hub answered {answer.status}, which the profile does not know")

    def _ruled(self, answer: HubAnswer) -> Meaning | None:
        for rule, when in self._rules:
            if rule.fits(answer.status) and (when is None or condition(when, answer.document)):
                words = text_of(self._refusal, answer.document) if self._refusal else None
                reason = f"{rule.sentence} ({answer.status}{f': {words}' if words else ''})"
                return Meaning(rule.outcome, reason[:_REASON_LIMIT], after=rule.after, renew=rule.renew)
        return None
