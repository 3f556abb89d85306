"""Asks for each item of a page by itself, where the list does not give it whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from connectors.rest.bodies import in_utf8
from connectors.rest.client import Api
from connectors.rest.trouble import AskedToWait, BadAnswer, Denied, NoAnswer, RestTrouble
from connectors.source import Source
from recipes.decoding import decode
from recipes.inbound import media_type
from recipes.mapped import MappingError
from recipes.paths import Context
from recipes.polling import Listed, Polling

_TRIES = 5
"""Rounds after which an item goes on without its details, as a dead letter, so that it holds up nothing for ever."""
_AWAY = 3
"""So many items in a row without an answer: it is the server, not the items."""


@dataclass
class Filled:
    """What became of some items."""

    filled: dict[str, Listed] = field(default_factory=dict)
    """Those to be taken, by key."""
    held: list[str] = field(default_factory=list)
    """Why others are to be tried again."""
    trouble: RestTrouble | None = None
    """Why the rest was not tried."""


class Details:
    """The details of one source's items."""

    def __init__(self, source: Source, api: Api) -> None:
        polling = source.channel.polling
        assert polling is not None  # noqa: S101 see `Api`
        self._polling: Polling = polling
        self._source = source
        self._api = api
        self._context = Context(source.zone, source.options)
        self._tries: dict[str, int] = {}

    async def fill(self, entries: Mapping[str, Listed]) -> Filled:
        """The items with their details. One that cannot be had holds up no other."""
        if self._polling.model.detail is None:
            return Filled(dict(entries))
        done, silent = Filled(), 0
        for key, entry in entries.items():
            if entry.document is None:
                done.filled[key] = entry
                continue
            try:
                done.filled[key] = await self._one(entry)
            except (AskedToWait, Denied) as error:
                done.trouble = error
                return done
            except RestTrouble as error:
                silent = silent + 1 if isinstance(error, NoAnswer) else 0
                if silent >= _AWAY:
                    done.trouble = error
                    return done
                self._failed(done, key, entry, error)
                continue
            silent = 0
            self._tries.pop(key, None)
        return done

    async def _one(self, entry: Listed) -> Listed:
        try:
            document = {**(entry.document or {}), "settings": self._source.options}
            request = self._polling.detail_request(document, self._context)
            answer = await self._api.ask(request)
            content_type = answer.headers.get("content-type", "")
            kind = media_type(content_type)
            how = self._source.channel.recipe.receive.decode
            detail = decode(in_utf8(answer.content, content_type, kind), kind, how, lenient=True)
        except MappingError as error:
            raise BadAnswer(str(error)) from error
        return self._source.channel.filled(entry, detail, zone=self._source.zone)

    def _failed(self, done: Filled, key: str, entry: Listed, error: RestTrouble) -> None:
        tries = self._tries.pop(key, 0) + 1
        if tries < _TRIES:
            self._tries[key] = tries
            done.held.append(str(error))
            return
        defect = f"its details could not be had in {tries} tries: {error}"
        done.filled[key] = replace(entry, item=replace(entry.item, defect=defect))
