"""From mails to items: every mail has a name that is the same at each reading, also one that cannot be read."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.imap.connection import Letter
from connectors.settings import MIB
from connectors.source import Source
from recipes.inbound import Inbound, Item

MEDIA_TYPE = "message/rfc822"
HEAD = 256 * 1024
"""Bytes that are kept of a mail that is too large."""
_LARGE = MIB
_GROUP_BYTES, _GROUP_MAILS = 4 * MIB, 100


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is to be accepted."""

    letter: Letter
    items: Sequence[Item]
    whole: bool = True
    """Whether all of it will be durable, so that the server's copy may go."""


def groups(letters: Iterable[Letter], max_size: int) -> Iterator[list[Letter]]:
    """Mails that are held in memory together, in their order."""
    group: list[Letter] = []
    size = 0
    for letter in letters:
        weight = min(letter.size, max_size)
        if group and (size + weight > _GROUP_BYTES or len(group) >= _GROUP_MAILS):
            yield group
            group, size = [], 0
        group.append(letter)
        size += weight
    if group:
        yield group


def whole(source: Source, letter: Letter, body: bytes) -> Mail:
    """A mail as it came. Named by its Message-ID, or without one by its content.

    Of a large one only the beginning is looked into: who wrote what under which number stands there, and its
    attachments would fill the memory several times over.
    """
    if len(body) <= _LARGE:
        return Mail(letter, [_named(item, body) for item in _split(source, body)])
    item = _split(source, body[:HEAD])[0]
    if item.defect is not None:
        return Mail(letter, [_named(item, body) for item in _split(source, body)])
    return Mail(letter, [_named(replace(item, payload=body), body)])


def oversized(source: Source, letter: Letter, head: bytes, place: str, max_size: int) -> Mail:
    """The beginning of a mail that is too large. Its name is another than the whole mail's, which may yet come."""
    item = _named(_split(source, head)[0], head)
    words = (
        f"the mail has {letter.size / MIB:.1f} MiB, more than the {max_size / MIB:g} MiB that this source takes; only"
        f" its beginning is here, all of it lies in {place}"
    )
    return Mail(
        letter, [replace(item, payload=head, external_id=f"too-large:{item.external_id}", defect=words)], whole=False
    )


def withheld(letter: Letter, validity: int, place: str, why: str) -> Mail:
    """Stands for a mail that the server has, and does not give."""
    name = f"withheld:{validity}:{place}"
    words = f"the mail server does not give the mail in {place}: {why}"
    return Mail(letter, [Item(b"", MEDIA_TYPE, external_id=name, defect=words)], whole=False)


def _split(source: Source, body: bytes) -> list[Item]:
    return source.channel.split(Inbound(body, MEDIA_TYPE), zone=source.zone)


def _named(item: Item, body: bytes) -> Item:
    if item.external_id is not None:
        return item
    return replace(item, external_id=f"sha256:{hashlib.sha256(body).hexdigest()}")
