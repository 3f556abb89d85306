"""Where in a list of pages a question stands, and where the list goes on after an answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.rest.client import Answer
from connectors.rest.trouble import BadAnswer
from recipes.mapped import MappingError
from recipes.poll_model import Pages
from recipes.polling import Page, Polling

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)")
_NEXT = re.compile(r";\s*rel\s*=\s*(?:\"[^\"]*\bnext\b[^\"]*\"|next\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """One page of a list."""

    number: int
    """As the server counts."""
    offset: int = 0
    cursor: str | None = None
    address: str | None = None
    """The whole address, where an answer gave it."""

    @classmethod
    def first(cls, pages: Pages | None) -> "Place":
        """Where every list begins."""
        return cls(pages.first if pages else 1)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Place":
        """What `to_state` wrote."""
        return cls(int(state["number"]), int(state.get("offset", 0)), state.get("cursor"), state.get("address"))

    def to_state(self) -> dict[str, Any]:
        """As JSON."""
        return {"number": self.number, "offset": self.offset, "cursor": self.cursor, "address": self.address}


def following(
    place: Place, page: Page, answer: Answer, polling: Polling, same_host: Callable[[str, str], str]
) -> Place | None:
    """Where the list goes on; None after its last page. `same_host` makes an address whole, or refuses it.

    Raises:
        BadAnswer: the answer says it in a way that the recipe does not fit, or leads to the same page again.
    """
    pages = polling.model.pages
    if pages is None:
        return None
    said = {"body": page.body, "headers": dict(answer.headers), "status": answer.status}
    try:
        more = polling.more(said)
        found = _next(place, page, answer, polling, said)
    except MappingError as error:
        raise BadAnswer(f"where the list goes on cannot be read: {error}") from error
    if more is False or (more is None and _is_last(page, pages)):
        return None
    if found is not None and found.address is not None:
        found = replace(found, address=same_host(found.address, answer.url))
    if (
        found is not None
        and (found.cursor, found.address) == (place.cursor, place.address)
        and pages.by not in _COUNTED
    ):
        raise BadAnswer("the list goes in a circle: the page after this one is the same page")
    return found


_COUNTED = ("number", "offset")


def _is_last(page: Page, pages: Pages) -> bool:
    if pages.by in _COUNTED:
        return page.count < (pages.size or 1)
    # Servers that name the next page end by naming none; some name one after an empty page for ever.
    return page.count == 0


def _next(place: Place, page: Page, answer: Answer, polling: Polling, said: Mapping[str, Any]) -> Place | None:
    pages = polling.model.pages
    by = pages.by if pages else ""
    further = replace(place, number=place.number + 1, offset=place.offset + page.count)
    if by == "cursor":
        cursor = polling.cursor(said)
        return None if cursor is None else replace(further, cursor=cursor)
    if by == "next":
        address = polling.next(said)
        return None if address is None else replace(further, address=address)
    if by == "link":
        address = next_link(answer.headers.get("link", ""))
        return None if address is None else replace(further, address=address)
    return further


def next_link(header: str) -> str | None:
    """The target of `rel="next"` in a header `Link` (RFC 8288); None when there is none."""
    return next((target for target, parameters in _LINK.findall(header[:20_000]) if _NEXT.search(parameters)), None)
