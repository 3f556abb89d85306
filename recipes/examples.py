"""Running the examples of a recipe: each is its documentation and its test."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from recipes.channel import Channel
from recipes.example_model import Example, Expectation
from recipes.inbound import Inbound, Item
from recipes.mapped import MappingError, Value
from recipes.view import item_view

_FORM = "application/x-www-form-urlencoded"
_TYPES = {"form": _FORM, "query": _FORM, "rfc822": "message/rfc822", "xml": "application/xml"}


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """How one example went."""

    channel: str
    name: str
    covers: str
    differences: tuple[str, ...]
    """One line for each thing that is not as expected; empty when all is."""

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.differences

    def __str__(self) -> str:
        head = f"{'ok  ' if self.passed else 'FAIL'} {self.channel}: {self.name} [{self.covers}]"
        return "\n".join([head, *(f"     {line}" for line in self.differences)])


def run_examples(channel: Channel) -> list[ExampleResult]:
    """Run every example. Signatures are the transport's affair and are not checked here."""
    return [
        ExampleResult(channel.name, example.name, example.covers, tuple(_differences(channel, example)))
        for example in channel.recipe.examples
    ]


def example_inbound(channel: Channel, example: Example) -> Inbound:
    """The delivery of an example, as a transport would hand it on."""
    how = channel.recipe.receive.decode
    media_type = example.media_type or _TYPES.get(how, "application/json")
    if example.body is not None:
        text = (
            example.body.replace("\r\n", "\n").replace("\n", "\r\n") if media_type == "message/rfc822" else example.body
        )
        body = text.encode()
    elif media_type == _FORM:
        body = urlencode(example.payload or {}, doseq=True).encode()
    else:
        body = json.dumps(example.payload, ensure_ascii=False).encode()
    headers = {name.lower(): value for name, value in example.headers.items()}
    return Inbound(body, media_type, headers, example.query)


def _differences(channel: Channel, example: Example) -> list[str]:
    items = _items(channel, example)
    found = [item_view(channel, item, zone=example.zone, settings=example.settings) for item in items]
    lines = []
    if len(found) != len(example.expect):
        outcomes = ", ".join(str(view["outcome"]) for view in found)
        lines.append(f"expected {len(example.expect)} items, found {len(found)}: {outcomes}")
    for index, (expected, view) in enumerate(zip(example.expect, found, strict=False)):
        lines += [f"item {index + 1}: {line}" for line in _compared(expected, view)]
    return lines


def _items(channel: Channel, example: Example) -> list[Item]:
    inbound = example_inbound(channel, example)
    if not example.details:
        return channel.split(inbound, zone=example.zone)
    try:
        entries = channel.page(inbound, zone=example.zone).entries
    except MappingError as error:
        return [Item(inbound.body, inbound.media_type, defect=str(error))]
    details = example.details
    return [
        channel.filled(each, details[each.item.external_id], zone=example.zone).item
        if each.item.external_id in details
        else each.item
        for each in entries
    ]


def _compared(expected: Expectation, view: dict[str, Value]) -> list[str]:
    if view["outcome"] != expected.outcome:
        return [
            f"outcome: expected {expected.outcome}, found {view['outcome']} ({view['reason'] or view['complaint']})"
        ]
    lines = []
    if expected.reason is not None:
        exact = expected.outcome != "dead"
        if (expected.reason != view["reason"]) if exact else (expected.reason not in str(view["reason"])):
            lines.append(f'reason: expected "{expected.reason}", found "{view["reason"]}"')
    for name in ("external_id", "sender"):
        wanted = getattr(expected, name)
        if name in expected.model_fields_set and wanted != view[name]:
            lines.append(f"{name}: expected {wanted!r}, found {view[name]!r}")
    return lines + list(_subset("complaint", expected.complaint, view["complaint"] or {}))


def _subset(where: str, expected: Value, found: Value) -> list[str]:
    """Differences where the found value must hold the expected one; objects may hold more, lists and texts may not."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [line for key, value in expected.items() for line in _subset(f"{where}.{key}", value, found.get(key))]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = zip(expected, found, strict=True)
        return [line for index, pair in enumerate(pairs) for line in _subset(f"{where}[{index}]", *pair)]
    return [] if expected == found else [f"{where}: expected {expected!r}, found {found!r}"]
