"""The identity of a message that came through a transport."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from connectors.source import Source
from recipes.inbound import Item
from schemas.identity import content_name, message_id

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the time of rows that have none: their content and ordinal alone tell them apart."""


def name_of(item: Item, ordinal: int | None = None) -> str:
    """The provider's id, or its stand-in: by content and provider time, for rows with the ordinal among identical ones.

    A message without id and time gets a name that nobody else has; call this once, before the first durable write.
    """
    if item.external_id is not None:
        # Lone surrogates have no UTF-8 form; written out, the id stays the same at each redelivery.
        return item.external_id.encode("utf-8", "backslashreplace").decode()
    if item.sent_at is not None:
        return content_name(item.payload, item.sent_at, ordinal or 0)
    if ordinal is not None:
        return content_name(item.payload, _NO_TIME, ordinal)
    return f"server:{uuid4()}"


def identify(source: Source, name: str) -> UUID:
    """The id of the message that a source knows by this name."""
    return message_id(source.agency, source.channel.recipe.channel, source.id, name)
