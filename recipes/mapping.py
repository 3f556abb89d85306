"""The compiled `map:`, `ignore:` and `dead:` of a recipe: from the document of one message to our terms."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal, get_args

from recipes.compiling import Compiler
from recipes.decoding import clean_identifier, clean_text
from recipes.functions import kind, to_boolean, to_email, to_number, to_phone, to_text
from recipes.map_model import AttachmentMap, LocationMap, MessageMap
from recipes.mapped import Classification, Ignored, Mapped, MappedAttachment, MappedLocation, MappingError, Value
from recipes.models import Recipe, Rule
from recipes.paths import Context, Expression, ExpressionError, holds, present
from recipes.times import read_date, read_timestamp

Relation = Literal["edit", "delete", "reply", "part"]
_ATTACHMENT_LIMIT = 200
_FIELDS = (
    "text", "title", "name", "phone", "email", "address", "incident_date", "classification", "category",
    "anonim", "rahasia", "refers_to", "relation", "group", "hub_receipt",
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
            _Attachments(entry, compiler, "map", "attachments", index) for index, entry in enumerate(fields.attachments)
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
        found = {name: _named(name, expression, document, context) for name, expression in self._fields.items()}
        attachments = tuple(attachment for entry in self._attachments for attachment in entry.found(document, context))
        if len(attachments) > _ATTACHMENT_LIMIT:
            raise MappingError(f"the message has more than {_ATTACHMENT_LIMIT} attachments")
        location, place = self._location.found(document, context) if self._location else (None, None)
        mapped = Mapped(
            text=_text("text", found) or "",
            title=_text("title", found),
            name=_text("name", found),
            phone=to_phone(found.get("phone")),
            email=to_email(found.get("email")),
            sent_at=self._time(document, context),
            attachments=attachments,
            location=location,
            address=_text("address", found) or place,
            incident_date=_day(found.get("incident_date")),
            classification=_classification(found),
            category=_text("category", found),
            anonim=_flag("anonim", found),
            rahasia=_flag("rahasia", found),
            refers_to=_identifier("refers_to", found),
            relation=_relation(found),
            group=_identifier("group", found),
            hub_receipt=_identifier("hub_receipt", found),
        )
        withdrawn = mapped.relation == "delete" and mapped.refers_to
        if not (mapped.text or mapped.title or attachments or location or place or withdrawn):
            raise MappingError("the message holds neither text nor attachment nor location")
        return mapped

    def _time(self, document: Value, context: Context) -> datetime | None:
        if self._sent_at is None:
            return None
        value = _named("sent_at", self._sent_at, document, context)
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
        if not holds(_named(self._name, self._when, document, context)):
            return None
        found = to_text(_named(self._name, self._found, document, context)) if self._found else None
        return clean_text(found) if found else self._fixed or "no reason given"


class _Attachments:
    """One compiled entry of `attachments:`."""

    def __init__(self, entry: AttachmentMap, compiler: Compiler, *where: str | int) -> None:
        self._each = compiler.optional(entry.each, *where, "each")
        self._when = compiler.optional(entry.when, *where, "when")
        self._fields = {
            name: expression
            for name in ("url", "media_id", "media_type", "filename", "size", "part")
            if (expression := compiler.optional(getattr(entry, name), *where, name)) is not None
        }

    def found(self, document: Value, context: Context) -> Iterator[MappedAttachment]:
        elements = [document] if self._each is None else _named("attachments", self._each, document, context)
        if not isinstance(elements, list):
            elements = [elements] if present(elements) else []
        for element in elements:
            if self._when is not None and not holds(self._when(element, context)):
                continue
            values = {name: _named("attachments", each, element, context) for name, each in self._fields.items()}
            if not any(present(value) for value in values.values()):
                if self._each is not None and present(element):
                    # Evidence must not be lost in silence because its sender renamed a field.
                    raise MappingError(f"attachments: {kind(element)} in the list has none of the fields of the recipe")
            else:
                yield MappedAttachment(
                    media_type=_media_type(_text("media_type", values)),
                    filename=_filename(_text("filename", values)),
                    url=_identifier("url", values),
                    media_id=_identifier("media_id", values),
                    size=_whole(values.get("size")),
                    part=_whole(values.get("part")),
                )


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
        values = {name: _named("location", each, document, context) for name, each in self._fields.items()}
        name, address = _text("name", values), _text("address", values)
        try:
            latitude, longitude = to_number(values.get("latitude")), to_number(values.get("longitude"))
        except MappingError as error:
            raise MappingError(f"location: {error}") from None
        if latitude is None or longitude is None:
            return None, ", ".join(part for part in (name, address) if part) or None
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise MappingError("location: the coordinates lie outside the earth; latitude and longitude may be swapped")
        return MappedLocation(latitude, longitude, name, address), None


def _named(name: str, expression: Expression, document: Value, context: Context) -> Value:
    try:
        return expression(document, context)
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from None


def _text(name: str, found: dict[str, Value]) -> str | None:
    try:
        text = to_text(found.get(name))
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from None
    return (clean_text(text).strip() or None) if text is not None else None


def _identifier(name: str, found: dict[str, Value]) -> str | None:
    try:
        text = to_text(found.get(name))
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from None
    return (clean_identifier(text) or None) if text is not None else None


def _media_type(text: str | None) -> str | None:
    return text.split(";")[0].strip().lower() or None if text else None


def _filename(text: str | None) -> str | None:
    """The name without any path, which no sender may choose."""
    name = re.split(r"[/\\]", text)[-1].strip() if text else ""
    return name if name not in {"", ".", ".."} else None


def _whole(value: Value) -> int | None:
    number = to_number(value)
    return int(number) if number is not None and number >= 0 else None


def _day(value: Value) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else read_date(value)


def _flag(name: str, found: dict[str, Value]) -> bool:
    try:
        return bool(to_boolean(found.get(name)))
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from None


def _classification(found: dict[str, Value]) -> Classification | None:
    word = (_text("classification", found) or "").lower().replace(" ", "_")
    for known in get_args(Classification):
        if word == known:
            return known  # type: ignore[no-any-return]
    if word:
        raise MappingError(f"classification: it must be {', '.join(get_args(Classification))}; use `translate`")
    return None


def _relation(found: dict[str, Value]) -> Relation | None:
    word = _text("relation", found)
    for known in get_args(Relation):
        if word == known:
            return known  # type: ignore[no-any-return]
    if word:
        raise MappingError(f"relation: it must be {', '.join(get_args(Relation))}")
    return None


def _check_content(fields: MessageMap, compiler: Compiler) -> None:
    if fields.text is None and fields.title is None and not fields.attachments and fields.location is None:
        compiler.errors.append(ExpressionError(("map",), "nothing of a message is mapped", "add `text:`"))
