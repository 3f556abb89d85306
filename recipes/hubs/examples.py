"""Running the examples of a profile: each is its documentation and its test."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from recipes.examples import ExampleResult
from recipes.hubs.answers import HubAnswer, Meaning
from recipes.hubs.models import HubExample
from recipes.hubs.profile import Profile
from recipes.mapped import MappingError
from recipes.paths import Context


def run_examples(profile: Profile) -> list[ExampleResult]:
    """Run every example."""
    return [
        ExampleResult(profile.name, example.name, example.covers, tuple(_differences(profile, example)))
        for example in profile.model.examples
    ]


def _differences(profile: Profile, example: HubExample) -> list[str]:
    lines = _request_differences(profile, example, example.request) if example.request is not None else []
    if example.answer is not None and example.expect is not None:
        found = _meaning(profile, example.operation, _answer(example.answer))
        for name, wanted in example.expect.items():
            value = found.get(name)
            same = wanted in str(value) if name == "reason" else wanted == value
            if not same:
                lines.append(f"{name}: expected {wanted!r}, found {value!r}")
    return lines


def _request_differences(profile: Profile, example: HubExample, wanted: dict[str, Any]) -> list[str]:
    template = profile.template(example.operation)
    if template is None:
        return [f"the profile has no operation {example.operation}"]
    try:
        request = template.render(example.given, Context(settings=example.settings))
    except MappingError as error:
        return [str(error)]
    address = urlsplit(request.target)
    found = {
        "method": request.method,
        "path": address.path,
        "query": dict(parse_qsl(address.query)),
        "body": json.loads(request.body) if request.body is not None else None,
    }
    return [
        f"{name}: expected {value!r}, found {found.get(name)!r}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]


def _answer(given: dict[str, Any]) -> HubAnswer:
    content = given["text"].encode() if "text" in given else json.dumps(given.get("body")).encode()
    headers = {name.lower(): str(value) for name, value in given.get("headers", {}).items()}
    return HubAnswer(int(given["status"]), headers, content)


def _meaning(profile: Profile, operation: str, answer: HubAnswer) -> dict[str, Any]:
    if operation == "lookup":
        found = profile.answers.found(answer)
        if not isinstance(found, Meaning):
            return {"outcome": "done", "found": [{"tracking_id": r.tracking_id, "url": r.url} for r in found]}
        return {"outcome": found.outcome, "reason": found.reason}
    if operation == "changes":
        changed = profile.answers.changed(answer)
        if isinstance(changed, Meaning):
            return {"outcome": changed.outcome, "reason": changed.reason}
        changes, cursor, more = changed
        shown = [
            {"id": c.id, "tracking_id": c.tracking_id, "state": profile.model.statuses.get(c.word)} for c in changes
        ]
        return {"outcome": "done", "found": shown, "cursor": cursor, "more": more}
    meaning = profile.answers.read(answer)
    return {
        "outcome": meaning.outcome,
        "reason": meaning.reason,
        "tracking_id": meaning.tracking_id,
        "url": meaning.url,
    }
