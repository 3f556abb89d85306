"""Splitting one request into its messages and its news, so that one bad element takes nothing else down with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from recipes.compiling import Compiler
from recipes.decoding import clean_identifier, encode
from recipes.functions import kind, to_text
from recipes.inbound import Item
from recipes.mapped import MappingError, Value
from recipes.paths import Context, Expression, holds
from recipes.receive_model import Level, Receipt, Receive, Split
from recipes.times import read_timestamp

ELEMENT_LIMIT = 5_000
"""Messages and news in one request; providers send at most some hundred."""
LISTED_LIMIT = 100_000
"""Items in one answer to our own question, whose bytes are limited already; some servers know no pages."""
_JSON = "application/json"
_CONTEXT = Context()
Scopes = dict[str, Value]
Ending = Literal["unreadable", "empty", "unwanted"]
"""How a walk ended: the list cannot be read, it is empty, or no rule of the recipe takes the element."""


@dataclass(slots=True)
class Trail:
    """Where walks ended: what no walk knew what to do with must not vanish."""

    yielded: set[str] = field(default_factory=set)
    ended: dict[str, tuple[Scopes, str, Ending]] = field(default_factory=dict)

    def loose_ends(self) -> Iterator[tuple[str, Scopes, str, Ending]]:
        """Places that some walk reached and no walk got anything out of."""
        for place, (scopes, why, ending) in self.ended.items():
            if place not in self.yielded:
                yield place, scopes, why, ending


class Walk:
    """The compiled levels of a batch."""

    def __init__(self, levels: list[Level], compiler: Compiler, *where: str | int, lone: bool = False) -> None:
        """`lone`: a single text or number in the place of a list is a list of one, as XML leaves it."""
        self._lone = lone
        self._levels = [
            (
                compiler.expression(level.list, *where, index, "list"),
                level.as_,
                compiler.optional(level.when, *where, index, "when"),
                level.list if isinstance(level.list, str) else level.as_,
            )
            for index, level in enumerate(levels)
        ]

    def elements(self, body: Value, trail: Trail) -> Iterator[tuple[str, Scopes]]:
        """Each element of the last level with its place and the names that lead to it."""
        yield from self._descend({"body": body}, "", (), trail)

    def _descend(
        self, scopes: Scopes, place: str, ancestors: tuple[str, ...], trail: Trail
    ) -> Iterator[tuple[str, Scopes]]:
        depth = len(ancestors)
        if depth == len(self._levels):
            trail.yielded.update((*ancestors, place))
            yield place, scopes
            return
        find, name, condition, shown = self._levels[depth]
        try:
            found = find(scopes, _CONTEXT)
        except MappingError as error:
            trail.ended.setdefault(place, (scopes, str(error), "unreadable"))
            return
        if isinstance(found, dict) or (self._lone and _is_scalar(found)):
            found = [found]
        if not isinstance(found, list) or not found:
            why = f"{shown} is {'empty' if found == [] else 'missing' if found is None else kind(found)}, not a list"
            why = why.replace("is empty, not a list", "is empty")
            trail.ended.setdefault(place, (scopes, why, "empty" if found == [] else "unreadable"))
            return
        for index, element in enumerate(found):
            here = f"{place}.{name}[{index}]".lstrip(".")
            inside = {**scopes, name: element}
            try:
                wanted = condition is None or holds(condition(inside, _CONTEXT))
            except MappingError as error:
                trail.ended.setdefault(here, (inside, str(error), "unreadable"))
                continue
            if wanted:
                yield from self._descend(inside, here, (*ancestors, place), trail)
            else:
                trail.ended.setdefault(here, (inside, "no rule of the recipe takes it", "unwanted"))


class Splitter:
    """The compiled `receive:` of a recipe: from a document to items."""

    def __init__(self, receive: Receive, compiler: Compiler) -> None:
        self._external_id = compiler.optional(receive.external_id, "receive", "external_id")
        self._sender = compiler.optional(receive.sender, "receive", "sender")
        self._sent_at = compiler.optional(receive.sent_at, "receive", "sent_at")
        self._keep: dict[str, Expression] = {}
        self._walk: Walk | None = None
        self._last = ""
        self._scalars = receive.poll is not None and receive.poll.detail is not None
        if receive.split:
            self._prepare(receive.split, compiler)
        self._receipts = [
            _News(receipt, compiler, "receive", "receipts", index) for index, receipt in enumerate(receive.receipts)
        ]

    def _prepare(self, split: Split, compiler: Compiler) -> None:
        self._walk = Walk(split.each, compiler, "receive", "split", "each", lone=self._scalars)
        self._last = split.each[-1].as_
        self._keep = {
            name: compiler.expression(spec, "receive", "split", "keep", name) for name, spec in split.keep.items()
        }

    @property
    def kept(self) -> frozenset[str]:
        """The names of a kept message; empty when the recipe does not split."""
        return frozenset(self._keep)

    def items(self, body: Value, payload: bytes, media_type: str, context: Context) -> list[Item]:
        """The messages and news of one request. Never raises for what the body holds.

        :param payload: the request as it came, kept where it holds one message.
        """
        if self._walk is None and not self._receipts:
            return [self._whole(body, payload, media_type, context)]
        trail, items = Trail(), list[Item]()
        if self._walk is None:
            # News and messages share an address: what is no news is a message.
            news = self._news(body, trail)
            return news or [self._whole(body, payload, media_type, context)]
        for place, scopes in self._walk.elements(body, trail):
            items.append(self._message(scopes, place, context))
            if len(items) > ELEMENT_LIMIT:
                return [Item(payload, media_type, defect=f"the request holds more than {ELEMENT_LIMIT} messages")]
        items += self._news(body, trail)
        alone = not items
        for place, scopes, why, _ in trail.loose_ends():
            defect = f"{place or 'the body'} holds no message: {why}"
            if alone or not place:
                return [Item(payload, media_type, defect=defect)]
            name, element = list(scopes.items())[-1]
            items.append(Item(encode({name: element, "at": place}), _JSON, defect=defect))
        if len(items) > 2 * ELEMENT_LIMIT:
            return [Item(payload, media_type, defect=f"the request holds more than {2 * ELEMENT_LIMIT} elements")]
        return items

    def listed(self, body: Value, context: Context) -> tuple[list[tuple[Item, Scopes | None]], int]:
        """The messages of one answer of a source that is polled, each as it is kept, and how many items it has in all.

        An empty list is none, and what `when` does not take stays where it is: it may be taken when it has changed.

        :raises MappingError: when there is no list where the recipe looks for it.
        """
        if self._walk is None:
            raise MappingError("the recipe does not say where the items are")
        trail, found = Trail(), list[tuple[Item, Scopes | None]]()
        for place, scopes in self._walk.elements(body, trail):
            item = self._message(scopes, place, context)
            found.append((item, None if item.defect else self._kept(scopes)))
            if len(found) > LISTED_LIMIT:
                raise MappingError(f"it holds more than {LISTED_LIMIT} items; ask for smaller pages")
        count = len(found)
        for place, scopes, why, ending in trail.loose_ends():
            if not place and ending == "unreadable":
                raise MappingError(why)
            count += ending != "empty"
            if ending == "unreadable":
                name, element = list(scopes.items())[-1]
                found.append((Item(encode({name: element}), _JSON, defect=f"{place} holds no message: {why}"), None))
        return found, count

    def identified(self, document: dict[str, Value], context: Context) -> Item:
        """The message of a document that was kept, and filled in since."""
        return self._identified(document, encode(document), _JSON, context)

    def _whole(self, body: Value, payload: bytes, media_type: str, context: Context) -> Item:
        if not isinstance(body, dict):
            return Item(payload, media_type, defect=f"the body is {kind(body)}, not an object with fields")
        return self._identified(body, payload, media_type, context)

    def _message(self, scopes: Scopes, place: str, context: Context) -> Item:
        document = self._kept(scopes)
        payload = encode(document)
        if not isinstance(scopes[self._last], dict) and not self._scalars:
            return Item(payload, _JSON, defect=f"{place} is {kind(scopes[self._last])}, not an object")
        return self._identified(document, payload, _JSON, context)

    def _kept(self, scopes: Scopes) -> dict[str, Value]:
        document: dict[str, Value] = {}
        for name, expression in self._keep.items():
            try:
                document[name] = expression(scopes, _CONTEXT)
            except MappingError:
                # Context that does not fit is no reason to lose the message; `map` meets the gap and says so.
                document[name] = None
        return document

    def _identified(self, document: Value, payload: bytes, media_type: str, context: Context) -> Item:
        try:
            external_id = identifier(self._external_id, document, context)
        except MappingError as error:
            return Item(payload, media_type, defect=f"the id cannot be read: {error}")
        return Item(payload, media_type, external_id, self._who(document, context), self._time(document, context))

    def _who(self, document: Value, context: Context) -> str | None:
        try:
            return identifier(self._sender, document, context)
        except MappingError:
            # Only the order of messages depends on it; where the complaint needs the sender, `map` reads it.
            return None

    def _time(self, document: Value, context: Context) -> datetime | None:
        if self._sent_at is None:
            return None
        try:
            found = self._sent_at(document, context)
            return found if isinstance(found, datetime) else read_timestamp(found, context.zone)
        except MappingError:
            # Only a part of the identity here; where it matters, `map` reads it again and fails aloud.
            return None

    def _news(self, body: Value, trail: Trail) -> list[Item]:
        return [item for receipt in self._receipts for item in receipt.items(body, trail)]


class _News:
    """One compiled entry of `receipts:`."""

    def __init__(self, receipt: Receipt, compiler: Compiler, *where: str | int) -> None:
        self._walk = Walk(receipt.each, compiler, *where, "each")
        self._last = receipt.each[-1].as_
        self._name = compiler.expression(receipt.name, *where, "name")
        self._external_id = compiler.optional(receipt.external_id, *where, "external_id")

    def items(self, body: Value, trail: Trail) -> Iterator[Item]:
        for place, scopes in self._walk.elements(body, trail):
            payload = encode(scopes[self._last])
            try:
                name = to_text(self._name(scopes, _CONTEXT))
                external_id = identifier(self._external_id, scopes, _CONTEXT)
            except MappingError as error:
                yield Item(payload, _JSON, defect=f"{place} cannot be read: {error}")
                continue
            if not name:
                yield Item(payload, _JSON, defect=f"{place} does not say what it reports")
            else:
                yield Item(payload, _JSON, external_id, receipt=clean_identifier(name)[:64])


def _is_scalar(value: Value) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def identifier(expression: Expression | None, document: Value, context: Context) -> str | None:
    """The id that an expression finds, fit for every store; None when there is none.

    :raises MappingError: when what it finds is no id.
    """
    text = None if expression is None else to_text(expression(document, context))
    return (clean_identifier(text) or None) if text is not None else None
