"""`Channel`: a recipe, compiled. What transports and the normalizer hold in their hands."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from recipes.compiling import Compiler, RecipeError
from recipes.decoding import decode, is_json, is_xml
from recipes.functions import kind
from recipes.inbound import Inbound, Item
from recipes.mail.limits import MailError
from recipes.mail.message import attachment_content
from recipes.mapped import Ignored, Mapped, MappingError, Value
from recipes.mapping import Mapper
from recipes.media import MediaAccess
from recipes.models import Recipe
from recipes.multipart import is_multipart_form, multipart_content
from recipes.paths import Context
from recipes.polling import Listed, Page, Polling
from recipes.splitting import Splitter

_FORM = "application/x-www-form-urlencoded"
_BEHAVIOUR = {"channel", "receive", "map", "ignore", "dead"}


class Channel:
    """A compiled recipe. Immutable, cheap to call, safe to share between threads.

    :raises RecipeError: when an expression of the recipe is wrong; holds every mistake with its place.
    """

    def __init__(self, recipe: Recipe) -> None:
        compiler = Compiler()
        self.recipe = recipe
        self._splitter = Splitter(recipe.receive, compiler)
        self._mapper = Mapper(recipe, compiler)
        self.polling = Polling(recipe.receive.poll, compiler) if recipe.receive.poll else None
        """How the source is asked, when its transport is `rest`."""
        self.media = MediaAccess(recipe.receive.media, compiler) if recipe.receive.media else None
        """How files are fetched that its messages only name."""
        if compiler.errors:
            raise RecipeError(recipe.channel, compiler.errors)
        canonical = recipe.model_dump(mode="json", by_alias=True, include=_BEHAVIOUR, exclude_defaults=True)
        self.hash = hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()[:16]
        """Tells two versions of a recipe apart: changes with what it does, not with what it says about itself."""

    @property
    def name(self) -> str:
        """The kind of channel, such as `whatsapp_cloud`."""
        return self.recipe.channel

    def split(self, inbound: Inbound, *, zone: str = "Asia/Jakarta") -> list[Item]:
        """The messages and news in one delivery of a provider: at least one, whatever the body holds.

        What cannot be read is an item with a `defect`, never an exception and never dropped.

        :param zone: IANA name of the zone of the source, for times without one.
        """
        if self.polling is not None:
            try:
                return [each.item for each in self.page(inbound, zone=zone).entries]
            except MappingError as error:
                return [Item(inbound.body, inbound.media_type, defect=str(error))]
        if self.recipe.receive.decode == "query":
            inbound = self._called(inbound)
        try:
            document = self.decode(inbound.body, inbound.media_type)
        except MappingError as error:
            return [Item(inbound.body, inbound.media_type, defect=str(error))]
        return self._splitter.items(document, inbound.body, inbound.media_type, Context(zone))

    def page(self, inbound: Inbound, *, zone: str = "Asia/Jakarta") -> Page:
        """One answer of a source that is polled. An item that cannot be read has a `defect`, and spoils no other.

        :param zone: as in `split`.
        :raises MappingError: when the answer as a whole is not what the recipe says.
        """
        if self.polling is None:
            raise MappingError(f'the channel "{self.name}" is not polled')
        context = Context(zone)
        body = decode(inbound.body, inbound.media_type, self.recipe.receive.decode, lenient=True)
        if self.polling.has_none(body):
            return Page([], 0, body)
        found, count = self._splitter.listed(body, context)
        entries = [
            Listed(item, document, None if document is None else self.polling.mark(document, context))
            for item, document in found
        ]
        return Page(entries, count, body)

    def filled(self, entry: Listed, detail: Value, *, zone: str = "Asia/Jakarta") -> Listed:
        """An item of a page with the answer about it alone, from which its sender, times and words are read, too."""
        if self.polling is None or self.polling.model.detail is None or entry.document is None:
            return entry
        context, document = Context(zone), {**entry.document, self.polling.model.detail.as_: detail}
        item = replace(self._splitter.identified(document, context), external_id=entry.item.external_id)
        return Listed(item, document, self.polling.mark(document, context) or entry.mark)

    def decode(self, payload: bytes, media_type: str) -> Value:
        """The document of a body, as expressions read it.

        :raises MappingError: when it cannot be read.
        """
        return decode(payload, media_type, self.recipe.receive.decode, charset=self.recipe.receive.charset)

    def _called(self, inbound: Inbound) -> Inbound:
        """The parameters of an address as a form, without the one that proves who called, or what stands in the body.

        A body that is a form adds to them, and one in JSON or XML says all; any other is left aside, as a gateway may
        send the bare text along.
        """
        asked = inbound.raw_query or urlencode(inbound.query, errors="surrogatepass").encode()
        secret = (self.recipe.receive.signature.query or "").encode()
        told = b"&".join(pair for pair in asked.split(b"&") if not secret or pair.split(b"=", 1)[0] != secret)
        if not asked or (inbound.body.strip() and (is_json(inbound.media_type) or is_xml(inbound.media_type))):
            return inbound
        if inbound.body.strip() and inbound.media_type == _FORM:
            told = b"&".join(part for part in (told, inbound.body) if part)
        return replace(inbound, body=told, media_type=_FORM)

    def map(
        self, payload: bytes, media_type: str, *, zone: str, source_settings: Mapping[str, Value] | None = None
    ) -> Mapped | Ignored:
        """The payload of one item in our terms, or the named reason why it is no complaint.

        :param zone: IANA name of the zone of the source, for times without one.
        :param source_settings: what `setting:` reads, and what tells our own mails from others (see `decode_mail`).
        :raises MappingError: when it cannot be mapped: a dead letter, until the recipe has learnt more.
        """
        kept = self._splitter.kept
        settings = source_settings or {}
        receive = self.recipe.receive
        document = decode(payload, media_type, "json" if kept else receive.decode, settings, charset=receive.charset)
        if not isinstance(document, dict):
            raise MappingError(f"the message is {kind(document)}, not an object with fields")
        if kept and not kept <= document.keys():
            raise MappingError("the payload is a whole request that could not be split, not one message")
        return self._mapper.map(document, Context(zone, settings))

    def attachment_content(
        self,
        payload: bytes,
        media_type: str,
        part: int,
        *,
        zone: str = "Asia/Jakarta",
        source_settings: Mapping[str, Value] | None = None,
    ) -> bytes:
        """The content that the mapped attachment with this `part` has in the payload: of a mail, a form, or JSON.

        :raises MappingError: when the payload has no such content, or cannot be read.
        """
        if media_type == "message/rfc822" or self.recipe.receive.decode == "rfc822":
            try:
                return attachment_content(payload, part)
            except MailError as error:
                raise MappingError(str(error)) from None
        document = self.decode(payload, "application/json" if self._splitter.kept else media_type)
        context = Context(zone, source_settings or {})
        if is_multipart_form(payload) and not self._mapper.holds_content(document, context, part):
            return multipart_content(payload, part)
        return self._mapper.content(document, context, part)
