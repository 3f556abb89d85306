"""Requests for files that a message only names: made when the message is taken in, long before its complaint settles,
since some addresses live for minutes only.

A request shows nobody: the message by its id, the address or the provider's id sealed.
"""

from collections.abc import Iterator, Mapping

from normalizer.parts import Part
from normalizer.source import SourceView
from recipes.media import MediaAccess
from runtime.sealing.protocol import Sealing
from runtime.store.outbox import Outgoing
from schemas.events import MediaWanted
from schemas.identity import event_id
from schemas.topics import WANTED


def requests(part: Part, sources: Mapping[str, SourceView], sealing: Sealing) -> tuple[Outgoing, ...]:
    """One event for each file of a message that can be fetched by what its recipe says. Of old messages none is.

    Raises:
        SealingError: a reference could not be encrypted.
    """
    source = sources.get(part.source)
    access = source.channel.media if source else None
    return tuple(_requests(part, access, sealing)) if access and not part.historical else ()


def _requests(part: Part, access: MediaAccess, sealing: Sealing) -> Iterator[Outgoing]:
    for number, file in enumerate(part.mapped.attachments):
        reference = file.url or file.media_id
        is_here = number < len(part.objects) and part.objects[number] is not None
        if is_here or not reference or not access.reaches(reference):
            continue
        event = MediaWanted(
            event_id=event_id(part.message_id, "wanted", number),
            occurred_at=part.received_at,
            origin="normalizer",
            message_id=part.message_id,
            number=number,
            source=part.source,
            reference=sealing.seal(reference.encode(), subject=str(part.message_id), field="reference"),
            media_type=file.media_type,
        )
        yield Outgoing(WANTED.name, str(part.message_id), event.model_dump_json().encode())
