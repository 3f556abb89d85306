"""Files that come within a message (in parts of a mail or form, or as base64): they pass what fetched ones pass."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import structlog

from normalizer.parts import Part
from recipes.mapped import MappedAttachment, MappingError
from runtime.contents.examining import BadContent, Examined, examined
from runtime.objects.protocol import Objects

_LARGEST = 25 * 1024 * 1024
"""Bytes, as of fetched files by default. Doors have limits of their own; this one holds for whatever they let in."""

log = structlog.get_logger()


async def with_contents(part: Part, held: Mapping[int, Callable[[], bytes]], objects: Objects) -> Part:
    """The part with its contents stored. `held`: how each attachment's content is read, by the attachment's number.

    A file that is damaged, or may go to nobody, takes no complaint along: it stays listed, without its content. The
    message is kept whole, sealed, all the same.

    Raises:
        ObjectsUnavailable: they cannot be stored now.
    """
    attachments = list(part.mapped.attachments)
    keys: list[str | None] = [None] * len(attachments)
    photo = part.photo
    for number, read in held.items():
        try:
            file = await _taken(attachments[number], read)
        except (MappingError, BadContent) as error:
            reason = str(error) if isinstance(error, BadContent) else "it cannot be read"
            log.warning("attachment_left", message_id=str(part.message_id), channel=part.channel, reason=reason)
            continue
        keys[number] = await objects.put(file.content)
        photo = photo or file.position
        attachments[number] = dataclasses.replace(attachments[number], media_type=file.kind, size=len(file.content))
    mapped = dataclasses.replace(part.mapped, attachments=tuple(attachments))
    return dataclasses.replace(part, mapped=mapped, objects=tuple(keys), photo=photo)


def counted(outcomes: Iterable[object]) -> Mapping[tuple[str, str], int]:
    """How many files within messages were kept, and how many left, by (channel, `kept` or `left`)."""
    found: Counter[tuple[str, str]] = Counter()
    for part in outcomes:
        if isinstance(part, Part):
            pairs = zip(part.mapped.attachments, part.objects, strict=False)
            found.update((part.channel, "kept" if key else "left") for file, key in pairs if file.part is not None)
    return found


async def _taken(attachment: MappedAttachment, read: Callable[[], bytes]) -> Examined:
    content = read()
    if len(content) > _LARGEST:
        raise BadContent(f"the file is larger than {_LARGEST} bytes")
    if not content:
        raise BadContent("the file is empty")
    return await examined(content, attachment.media_type)
