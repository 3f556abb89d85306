"""Reading what a hub posts to us by itself: the changes in one request."""

from collections.abc import Sequence
from dataclasses import dataclass

from recipes import xml
from recipes.compiling import Compiler
from recipes.decoding import decode
from recipes.hubs.changes import ChangeReader
from recipes.hubs.listings import Elements, FoundChange, condition
from recipes.hubs.operation_model import Webhook
from recipes.inbound import Inbound
from recipes.mapped import MappingError, Value

_TEXT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Push:
    """What one request of a hub tells."""

    changes: Sequence[FoundChange]
    """By time, as far as the hub names it."""
    unreadable: int = 0
    """Changes that lack their number, their report, their word or their time."""


class PushReader:
    """Reads the requests of one hub."""

    def __init__(self, webhook: Webhook, compiler: Compiler) -> None:
        self._when = compiler.optional(webhook.when, "webhook", "when")
        self._elements = Elements(webhook, compiler, "webhook")
        self._change = ChangeReader(webhook, compiler, "webhook")

    def read(self, inbound: Inbound) -> Push | None:
        """The changes; None for a request that is about something else.

        :raises MappingError: it cannot be read at all.
        """
        document = _document(inbound)
        if self._when is not None and not condition(self._when, document):
            return None
        elements = self._elements.read(document)
        if elements is None:
            raise MappingError("the request holds no list of changes where the profile looks for one")
        changes, unreadable = [], 0
        for element in elements:
            try:
                changes.append(self._change.read(element))
            except MappingError:
                unreadable += 1
        # Some hubs name the newest first; told in that order, the states between would be passed over.
        return Push(sorted(changes, key=lambda change: change.at), unreadable)


def _document(inbound: Inbound) -> dict[str, Value]:
    """As the expressions of `webhook:` read a request."""
    anywhere: dict[str, str] = {}
    body: Value = None
    content = inbound.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if content.startswith(b"<"):
        try:
            root = xml.parse(content)
            body, anywhere = xml.to_data(root), xml.first_texts(root)
        except xml.BadXml as error:
            raise MappingError(f"the body cannot be read: {error}") from None
    else:
        body = decode(inbound.body, inbound.media_type) if content else None
    return {
        "headers": dict(inbound.headers),
        "query": dict(inbound.query),
        "body": body,
        "anywhere": anywhere,
        "text": inbound.body[: _TEXT_LIMIT * 4].decode("utf-8", "replace")[:_TEXT_LIMIT],
    }
