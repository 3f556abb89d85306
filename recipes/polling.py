"""A compiled `receive.poll:`: the questions that are asked, and what their answers say about how to go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recipes.compiling import Compiler
from recipes.functions import kind, to_number, to_text
from recipes.hubs.requests import Request, RequestTemplate
from recipes.inbound import Item
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression, holds
from recipes.poll_model import Poll
from recipes.times import read_timestamp

Mark = datetime | int | float
"""When an item was last changed, or its running number."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of a page."""

    item: Item
    document: dict[str, Value] | None
    """The message as it is kept; None when there is nothing to be read in it."""
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer, read."""

    entries: list[Listed]
    """The messages among its items."""
    count: int
    """All items, those that the recipe passes over among them."""
    body: Value


class Polling:
    """The compiled questions of a recipe."""

    def __init__(self, model: Poll, compiler: Compiler) -> None:
        where = ("receive", "poll")
        self.model = model
        self._list = RequestTemplate(model, compiler, *where)
        self._detail = RequestTemplate(model.detail, compiler, *where, "detail") if model.detail else None
        login = model.auth.login
        self._login = RequestTemplate(login, compiler, *where, "auth", "login") if login else None
        self._token = compiler.optional(login.token if login else None, *where, "auth", "login", "token")
        lasts = login.lasts if login else None
        lasts = {"value": lasts} if isinstance(lasts, int | float) else lasts
        self._lasts = compiler.optional(lasts, *where, "auth", "login", "lasts")
        pages = model.pages
        self._cursor = compiler.optional(pages.cursor if pages else None, *where, "pages", "cursor")
        self._next = compiler.optional(pages.next if pages else None, *where, "pages", "next")
        self._more = compiler.optional(pages.more if pages else None, *where, "pages", "more")
        self._mark = compiler.optional(model.since.mark if model.since else None, *where, "since", "mark")
        self._none = compiler.optional(model.none_when, *where, "none_when")

    def request(self, question: Mapping[str, Value], context: Context) -> Request:
        """The question for a page.

        :raises MappingError: when the settings lack what it needs.
        """
        return self._list.render(dict(question), context)

    def detail_request(self, document: dict[str, Value], context: Context) -> Request:
        """The question for one item.

        :raises MappingError: when the item lacks what it needs.
        """
        if self._detail is None:
            raise MappingError("the recipe asks for no details")
        return self._detail.render(document, context)

    def login_request(self, secrets: Mapping[str, str], context: Context) -> Request:
        """The request that opens a session.

        :raises MappingError: when it cannot be made.
        """
        if self._login is None:
            raise MappingError("the recipe has no login")
        return self._login.render({"secrets": dict(secrets)}, context)

    def session(self, answer: Mapping[str, Value]) -> tuple[str, float | None] | None:
        """The token of a session that was opened, and the seconds that it lasts."""
        token = _text(self._token, answer)
        if not token:
            return None
        return token, to_number(self._lasts(answer, Context())) if self._lasts else None

    def cursor(self, answer: Mapping[str, Value]) -> str | None:
        """What the next question hands back; None after the last page.

        :raises MappingError: when it is no text or number.
        """
        return _text(self._cursor, answer) or None

    def next(self, answer: Mapping[str, Value]) -> str | None:
        """The address of the next page in the body; None after the last one.

        :raises MappingError: when it is no text.
        """
        return _text(self._next, answer) or None

    def more(self, answer: Mapping[str, Value]) -> bool | None:
        """Whether there is another page; None when the recipe does not say how to tell.

        :raises MappingError: when the condition does not fit.
        """
        return None if self._more is None else holds(self._more(answer, Context()))

    def has_none(self, body: Value) -> bool:
        """Whether an answer says that there is nothing."""
        return self._none is not None and holds(self._none({"body": body}, Context()))

    def mark(self, document: Value, context: Context) -> Mark | None:
        """The mark of a message; None when it has none that can be read: it moves nothing then."""
        if self._mark is None or self.model.since is None:
            return None
        try:
            found = self._mark(document, context)
            if self.model.since.by == "number":
                return _number(found)
            return found if isinstance(found, datetime) else read_timestamp(found, context.zone)
        except MappingError:
            # The message itself is no worse for it; where the time matters, `map` reads it again and fails aloud.
            return None


def _number(found: Value) -> int | float | None:
    """A running number; long ones are not made less exact."""
    if isinstance(found, str) and found.strip().isascii() and found.strip().isdigit() and len(found) < 40:
        return int(found)
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    return to_number(found)


def _text(expression: Expression | None, answer: Mapping[str, Any]) -> str | None:
    found = None if expression is None else expression(answer, Context())
    if isinstance(found, bool):
        return None
    if isinstance(found, dict | list):
        raise MappingError(f"expected a text, found {kind(found)}")
    return to_text(found)
