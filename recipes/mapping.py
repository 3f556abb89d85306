"""The compiled `map:`, `ignore:` and `dead:` of a recipe: from the document of one message to our terms."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Literal, get_args

from recipes.attachments import Attachments
from recipes.compiling import Compiler
from recipes.decoding import clean_part, clean_text
from recipes.fields import identifier_of, named, text_of
from recipes.functions import to_boolean, to_email, to_number, to_phone, to_text
from recipes.map_model import LocationMap, MessageMap
from recipes.mapped import Classification, Ignored, Mapped, MappedAttachment, MappedLocation, MappingError, Value
from recipes.models import Recipe, Rule
from recipes.paths import Context, ExpressionError, holds
from recipes.times import read_date, read_timestamp

Relation = Literal["edit", "delete", "reply", "part"]
_ATTACHMENT_LIMIT = 200
"""Of one message; of more, the first go on, and the text says how many others are in the message as it is kept."""
_LEFT_OUT = "[{} lampiran lain tidak diteruskan]"
_FIELDS = (
    "text", "title", "name", "phone", "email", "address", "incident_date", "classification", "category",
    "anonim", "rahasia", "refers_to", "relation", "group", "sequence", "hub_receipt",
)  # fmt: skip


class Mapper:
    """Maps documents of one channel."""

    def __init__(self, recipe: Recipe, compiler: Compiler) -> None:
        fields = recipe.map
        self._fields = {
            name: expression
            for name in _FIELDS
            if (expression := compiler.optional(getattr(fields, name), "map", name)) is not None
        }
        sent_at, where = (fields.sent_at, "map") if fields.sent_at is not None else (recipe.receive.sent_at, "receive")
        self._sent_at = compiler.optional(sent_at, where, "sent_at")
        self._attachments = [
            Attachments(entry, compiler, "map", "attachments", index) for index, entry in enumerate(fields.attachments)
        ]
        self._location = _Location(fields.location, compiler) if fields.location else None
        self._ignore = [_Condition(rule, compiler, "ignore", index) for index, rule in enumerate(recipe.ignore)]
        self._dead = [_Condition(rule, compiler, "dead", index) for index, rule in enumerate(recipe.dead)]
        _check_content(fields, compiler)

    def map(self, document: Value, context: Context) -> Mapped | Ignored:
        """The message in our terms, or why it is none.

        :raises MappingError: when it cannot be mapped; names the field, quotes no identity.
        """
        for rule in self._ignore:
            if reason := rule.reason(document, context):
                return Ignored(reason)
        for rule in self._dead:
            if reason := rule.reason(document, context):
                raise MappingError(reason)
        found = {name: named(name, expression, document, context) for name, expression in self._fields.items()}
        # A file that is named twice, in an older way and in a newer one, came once.
        attachments = tuple(
            dict.fromkeys(
                attachment if content is None else replace(attachment, part=index, size=attachment.size or len(content))
                for index, (attachment, content) in enumerate(self._attached(document, context))
            )
        )
        left_out = len(attachments) - _ATTACHMENT_LIMIT
        attachments = attachments[:_ATTACHMENT_LIMIT]
        location, place = self._location.found(document, context) if self._location else (None, None)
        mapped = Mapped(
            text=_words(found) if left_out <= 0 else f"{_words(found)}\n\n{_LEFT_OUT.format(left_out)}".strip(),
            title=text_of("title", found),
            name=text_of("name", found),
            phone=to_phone(found.get("phone")),
            email=to_email(found.get("email")),
            sent_at=self._time(document, context),
            attachments=attachments,
            location=location,
            address=text_of("address", found) or place,
            incident_date=_day(found.get("incident_date")),
            classification=_classification(found),
            category=text_of("category", found),
            anonim=_flag("anonim", found),
            rahasia=_flag("rahasia", found),
            refers_to=identifier_of("refers_to", found),
            relation=_relation(found),
            group=identifier_of("group", found),
            sequence=_sequence(found),
            hub_receipt=identifier_of("hub_receipt", found),
        )
        withdrawn = mapped.relation == "delete" and mapped.refers_to
        if not (mapped.text or mapped.title or attachments or location or place or withdrawn):
            raise MappingError("the message holds neither text nor attachment nor location")
        return mapped

    def content(self, document: Value, context: Context, index: int) -> bytes:
        """The content of the attachment with that index, where the message holds it.

        :raises MappingError: when there is none.
        """
        content = self._content(document, context, index)
        if content is None:
            raise MappingError(f"the message holds no content of an attachment {index}")
        return content

    def holds_content(self, document: Value, context: Context, index: int) -> bool:
        """Whether it does, rather than the parts of a form."""
        return self._content(document, context, index) is not None

    def _content(self, document: Value, context: Context, index: int) -> bytes | None:
        attached = enumerate(self._attached(document, context))
        return next((content for number, (_, content) in attached if number == index), None)

    def _attached(self, document: Value, context: Context) -> Iterator[tuple[MappedAttachment, bytes | None]]:
        for entry in self._attachments:
            yield from entry.found(document, context)

    def _time(self, document: Value, context: Context) -> datetime | None:
        if self._sent_at is None:
            return None
        value = named("sent_at", self._sent_at, document, context)
        try:
            return value if isinstance(value, datetime) else read_timestamp(value, context.zone)
        except MappingError as error:
            raise MappingError(f"sent_at: {error}") from None


class _Condition:
    """One compiled rule."""

    def __init__(self, rule: Rule, compiler: Compiler, *where: str | int) -> None:
        self._name = str(where[0])
        self._when = compiler.expression(rule.when, *where, "when")
        self._fixed = rule.reason
        self._found = compiler.optional(rule.reason_from, *where, "reason_from")

    def reason(self, document: Value, context: Context) -> str | None:
        if not holds(named(self._name, self._when, document, context)):
            return None
        found = to_text(named(self._name, self._found, document, context)) if self._found else None
        return clean_text(found) if found else self._fixed or "no reason given"


class _Location:
    """The compiled `location:`."""

    def __init__(self, fields: LocationMap, compiler: Compiler) -> None:
        self._fields = {
            name: expression
            for name in ("latitude", "longitude", "name", "address")
            if (expression := compiler.optional(getattr(fields, name), "map", "location", name)) is not None
        }

    def found(self, document: Value, context: Context) -> tuple[MappedLocation | None, str | None]:
        """The place, or its name and address alone when it has no coordinates."""
        values = {name: named("location", each, document, context) for name, each in self._fields.items()}
        name, address = text_of("name", values), text_of("address", values)
        try:
            latitude, longitude = to_number(values.get("latitude")), to_number(values.get("longitude"))
        except MappingError as error:
            raise MappingError(f"location: {error}") from None
        if latitude is None or longitude is None:
            return None, ", ".join(part for part in (name, address) if part) or None
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise MappingError("location: the coordinates lie outside the earth; latitude and longitude may be swapped")
        return MappedLocation(latitude, longitude, name, address), None


def _day(value: Value) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else read_date(value)


def _words(found: dict[str, Value]) -> str:
    text = text_of("text", found) or ""
    # A part of a text may end between two words, or within an emoji: the blank, or the half, belongs to it.
    return clean_part(to_text(found["text"]) or "") if text and found.get("sequence") is not None else text


def _sequence(found: dict[str, Value]) -> int | None:
    try:
        number = to_number(found.get("sequence"))
    except MappingError as error:
        raise MappingError(f"sequence: {error}") from None
    return int(number) if number is not None and 1 <= number <= 255 else None


def _flag(name: str, found: dict[str, Value]) -> bool:
    try:
        return bool(to_boolean(found.get(name)))
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from None


def _classification(found: dict[str, Value]) -> Classification | None:
    word = (text_of("classification", found) or "").lower().replace(" ", "_")
    for known in get_args(Classification):
        if word == known:
            return known  # type: ignore[no-any-return]
    if word:
        raise MappingError(f"classification: it must be {', '.join(get_args(Classification))}; use `translate`")
    return None


def _relation(found: dict[str, Value]) -> Relation | None:
    word = text_of("relation", found)
    for known in get_args(Relation):
        if word == known:
            return known  # type: ignore[no-any-return]
    if word:
        raise MappingError(f"relation: it must be {', '.join(get_args(Relation))}")
    return None


def _check_content(fields: MessageMap, compiler: Compiler) -> None:
    if fields.text is None and fields.title is None and not fields.attachments and fields.location is None:
        compiler.errors.append(ExpressionError(("map",), "nothing of a message is mapped", "add `text:`"))
