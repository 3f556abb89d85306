"""Which sources' files can be fetched."""

from collections.abc import Sequence

from connectors.source import Source


def fetchable(sources: Sequence[Source]) -> dict[str, Source]:
    """The sources whose files can be fetched: their recipe says how, and they have the secrets for it."""
    return {source.id: source for source in sources if source.channel.media is not None and not lacking(source)}


def lacking(source: Source) -> list[str]:
    """The secrets without which the files of a source stay where they are."""
    media = source.channel.media
    return [name for name in media.model.needed if not any(source.secrets.get(name, ()))] if media else []
