"""Whether the names that expressions of a profile begin with exist there: a mistyped one would find nothing."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from recipes.hubs.models import HubProfile
from recipes.hubs.operation_model import Changes, Listing, Lookup, Operation, ReferenceTable, Standing, Telling
from recipes.hubs.request_model import RequestSpec
from recipes.paths import ExpressionError
from schemas.complaint import Complaint, PrivatePart
from schemas.parts import Attachment

Where = tuple[str | int, ...]
Names = Mapping[str, frozenset[str] | None]
"""What an expression may begin with, and what may follow; None: anything."""

DELIVERY = frozenset({"id", "hub", "kind", "tracking_id", "merged_tracking_id", "since"})
_COMPLAINT: Names = {
    "complaint": frozenset(Complaint.model_fields) - {"private"},
    "private": frozenset(PrivatePart.model_fields),
    "delivery": DELIVERY,
    "settings": None,
}
_ANSWER: Names = dict.fromkeys(("status", "headers", "body", "text", "anywhere"))
_PUSH: Names = dict.fromkeys(("headers", "query", "body", "text", "anywhere"))
_OWN: Mapping[str, Names] = {
    "attach": {**_COMPLAINT, "attachment": frozenset(Attachment.model_fields)},
    "changes": {"cursor": None, "settings": None},
    "standing": {"tracking_ids": None, "settings": None},
    "listing": {"cursor": None, "since": None, "settings": None},
    "tables": {"settings": None},
}
_FIXED = frozenset(
    {"value", "setting", "with", "pattern", "values", "by", "format", "zone", "unit", "invalid", "key", "region",
     "international", "min", "max", "numbered"}
)  # fmt: skip
"""Options that hold no expression."""
_OF_ELEMENTS = frozenset({"each", "do"})
"""Options that are read over the elements of a list."""
_BEGINS = re.compile(r"\s*([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?(?=[.\[\s]|$)")
_IN_BRACES = re.compile(r"\{([^{}]*)\}")


def strange_names(profile: HubProfile) -> list[ExpressionError]:
    """Every name that nothing has, with the nearest right one."""
    found: list[ExpressionError] = []
    for name, operation in profile.operations.items():
        where = tuple(name.split("."))
        found += _request(operation, _OWN.get(where[0], _COMPLAINT), where)
        found += _answer_of(operation, where)
    if (login := profile.auth.login) is not None:
        names: Names = {"secrets": frozenset(login.secrets), "settings": None}
        found += _request(login, names, ("auth", "login"))
        for key in ("token", "lasts"):
            found += _expression(getattr(login, key), _ANSWER, ("auth", "login", key))
    if (webhook := profile.webhook) is not None:
        for key in ("when", "found", "within"):
            found += _expression(getattr(webhook, key), _PUSH, ("webhook", key))
    for index, unfit in enumerate(profile.unfit):
        found += _expression(unfit.when, _COMPLAINT, ("unfit", index, "when"))
    for index, rule in enumerate(profile.errors):
        found += _expression(rule.when, _ANSWER, ("errors", index, "when"))
    for key in ("tracking_id", "url"):
        found += _expression(getattr(profile.answer, key), _ANSWER, ("answer", key))
    return [*found, *_expression(profile.refusal, _ANSWER, ("refusal",))]


def _request(spec: RequestSpec, names: Names, where: Where) -> Iterator[ExpressionError]:
    for path in _IN_BRACES.findall(spec.path):
        yield from _expression(path, names, (*where, "path"))
    for part in ("query", "headers", "body"):
        for key, each in (getattr(spec, part) or {}).items():
            yield from _expression(each, names, (*where, part, key))


def _answer_of(operation: Operation, where: Where) -> Iterator[ExpressionError]:
    if isinstance(operation, Telling):
        yield from _expression(operation.confirmed, _ANSWER, (*where, "confirmed"))
    if isinstance(operation, Lookup | Changes | Standing | Listing | ReferenceTable):
        for key in ("found", "within"):
            yield from _expression(getattr(operation, key), _ANSWER, (*where, key))
    if isinstance(operation, Changes):
        for key in ("cursor", "more"):
            yield from _expression(getattr(operation, key), _ANSWER, (*where, key))
    if isinstance(operation, Listing):
        yield from _expression(operation.next, _ANSWER, (*where, "next"))
    if isinstance(operation, Lookup):
        for key, each in operation.same.items():
            yield from _expression(each, _COMPLAINT, (*where, "same", key))


def _expression(spec: Any, names: Names, where: Where) -> Iterator[ExpressionError]:  # noqa: ANN401 any expression
    if isinstance(spec, str):
        if (error := _strange(spec, names, where)) is not None:
            yield error
    elif isinstance(spec, list):
        for index, each in enumerate(spec):
            yield from _expression(each, names, (*where, index))
    elif isinstance(spec, dict):
        for key, each in spec.items():
            if key == "template" and isinstance(each, str):
                for path in _IN_BRACES.findall(each):
                    yield from _expression(path, names, (*where, key))
            elif key in ("object", "cases") and isinstance(each, dict):
                for inner, value in each.items():
                    yield from _expression(value, names, (*where, key, inner))
            elif key not in _FIXED and key not in _OF_ELEMENTS:
                yield from _expression(each, names, (*where, key))


def _strange(text: str, names: Names, where: Where) -> ExpressionError | None:
    begins = _BEGINS.match(text)
    if begins is None:
        return None
    root, below = begins[1], begins[2]
    if root not in names:
        return ExpressionError(where, f'nothing is called "{root}" here', _meant(root, names))
    known = names[root]
    if below is not None and known is not None and below not in known:
        return ExpressionError(where, f'"{root}" has no "{below}"', _meant(below, known))
    return None


def _meant(name: str, known: Names | frozenset[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f'did you mean "{close[0]}"?' if close else f"known here: {', '.join(sorted(known)) or 'nothing'}"
