"""Running the examples of a profile: each is its documentation and its test."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from recipes.examples import ExampleResult
from recipes.hubs.answers import HubAnswer, Meaning
from recipes.hubs.models import HubExample
from recipes.hubs.profile import Profile
from recipes.hubs.requests import Request, RequestTemplate
from recipes.inbound import Inbound, media_type
from recipes.mapped import MappingError
from recipes.paths import Context
from recipes.signatures import Signed, verify

FORM = "application/x-www-form-urlencoded"


def run_examples(profile: Profile) -> list[ExampleResult]:
    """Run every example."""
    return [
        ExampleResult(profile.name, example.name, example.covers, tuple(_differences(profile, example)))
        for example in profile.model.examples
    ]


def example_request(profile: Profile, example: HubExample) -> Request:
    """The request of an example, without credentials.

    :raises MappingError: it cannot be made; says why.
    """
    template = _template(profile, example.operation)
    if template is None:
        raise MappingError(f"the profile has no operation {example.operation}")
    document: dict[str, Any] = {"complaint": {}, "private": {}, "delivery": {}, **example.given}
    document["delivery"] = {"id": "", **document["delivery"]}
    document["settings"] = example.settings
    context = Context(settings=example.settings)
    if example.operation in ("create", "update", "comment") and (sentence := profile.unfit(document, context)):
        raise MappingError(sentence)
    return template.render(document, context)


def _template(profile: Profile, operation: str) -> RequestTemplate | None:
    return profile.login if operation == "login" else profile.templates.get(operation)


def _differences(profile: Profile, example: HubExample) -> list[str]:
    lines = _request_differences(profile, example, example.request) if example.request is not None else []
    found: dict[str, Any] | None = None
    if example.answer is not None:
        found = _meaning(profile, example.operation, _answer(example.answer))
    elif example.push is not None:
        found = _pushed(profile, example.push, example.given.get("secrets", {}))
    if found is not None and example.expect is not None:
        for name, wanted in example.expect.items():
            value = found.get(name)
            same = wanted in str(value) if name == "reason" else wanted == value
            if not same:
                lines.append(f"{name}: expected {wanted!r}, found {value!r}")
    return lines


def _request_differences(profile: Profile, example: HubExample, wanted: Mapping[str, Any]) -> list[str]:
    try:
        found = _shown(example_request(profile, example))
    except MappingError as error:
        if wanted.get("unfit") and wanted["unfit"] in str(error):
            return []
        return [str(error)]
    return [
        f"{name}: expected {value!r}, found {found.get(name)!r}"
        for name, value in wanted.items()
        if (not _holds(value, found["headers"]) if name == "headers" else found.get(name) != value)
    ]


def _holds(wanted: Any, headers: Mapping[str, str]) -> bool:  # noqa: ANN401 as the example says
    return isinstance(wanted, dict) and all(headers.get(name) == value for name, value in wanted.items())


def _shown(request: Request) -> dict[str, Any]:
    address = urlsplit(request.target)
    text = None if request.body is None else request.body.decode()
    return {
        "method": request.method,
        "path": address.path,
        "query": dict(parse_qsl(address.query)),
        "headers": dict(request.headers),
        "text": text,
        "files": request.notes.get("files"),
        "body": _data(text, request.headers.get("Content-Type", "")),
    }


def _data(text: str | None, media_type: str) -> Any:  # noqa: ANN401 whatever it holds
    if text is None or "xml" in media_type or "multipart" in media_type:
        return None
    return dict(parse_qsl(text, keep_blank_values=True)) if "urlencoded" in media_type else json.loads(text)


def push_of(given: Mapping[str, Any]) -> Inbound:
    """The request of a hub that an example shows."""
    headers = {name.lower(): str(value) for name, value in given.get("headers", {}).items()}
    kind = media_type(headers.get("content-type", "application/json"))
    return Inbound(_content(given), kind, headers, {name: str(value) for name, value in given.get("query", {}).items()})


def posted(content: bytes, suffix: str) -> Inbound:
    """A request of a hub from its body alone, whose kind the name of its file tells."""
    return Inbound(content, {".xml": "text/xml", ".form": FORM}.get(suffix, "application/json"))


def push_view(profile: Profile, inbound: Inbound) -> dict[str, Any]:
    """What a request of a hub would tell, for people and scripts."""
    if profile.pushes is None:
        return {"outcome": "unreadable", "reason": "the profile has no `webhook:`"}
    try:
        push = profile.pushes.read(inbound)
    except MappingError as error:
        return {"outcome": "unreadable", "reason": str(error)}
    if push is None:
        return {"outcome": "passed_over", "found": []}
    states = profile.model.statuses
    shown = [
        {"id": c.id, "tracking_id": c.tracking_id, "state": states.get(c.word), "word": c.word, "words": c.words,
         "at": c.at.isoformat()}
        for c in push.changes
    ]  # fmt: skip
    reason = f"{push.unreadable} changes cannot be read" if push.unreadable else ""
    return {"outcome": "unreadable" if push.unreadable else "told", "reason": reason, "found": shown}


def _pushed(profile: Profile, given: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    inbound, webhook = push_of(given), profile.model.webhook
    found = push_view(profile, inbound)
    # An example names the fields that matter; `at` and the word would only be written twice.
    found["found"] = [{n: c[n] for n in ("id", "tracking_id", "state")} for c in found.get("found", [])]
    if webhook is None or webhook.signature.secret not in secrets:
        return found
    signed = Signed(inbound.body, inbound.media_type, inbound.headers, inbound.query, given.get("url", ""), at=None)
    return {**found, "signed": verify(webhook.signature, lambda name: [secrets[name]], signed)}


def _answer(given: Mapping[str, Any]) -> HubAnswer:
    headers = {name.lower(): str(value) for name, value in given.get("headers", {}).items()}
    return HubAnswer(int(given["status"]), headers, _content(given))


def _content(given: Mapping[str, Any]) -> bytes:
    return given["text"].encode() if "text" in given else json.dumps(given.get("body")).encode()


def _meaning(profile: Profile, operation: str, answer: HubAnswer) -> dict[str, Any]:
    kind = operation.split(".", maxsplit=1)[0]
    if kind in _READERS:
        return _READERS[kind](profile, operation, answer)
    meaning = profile.answers.read(answer, operation)
    return {**_failed(meaning), "tracking_id": meaning.tracking_id, "url": meaning.url}


def _failed(meaning: Meaning) -> dict[str, Any]:
    return {"outcome": meaning.outcome, "reason": meaning.reason, "renew": meaning.renew, "after": meaning.after}


def _lookup(profile: Profile, _: str, answer: HubAnswer) -> dict[str, Any]:
    found = profile.answers.found(answer)
    if isinstance(found, Meaning):
        return _failed(found)
    return {"outcome": "done", "found": [{"tracking_id": each.tracking_id, "url": each.url} for each in found]}


def _changes(profile: Profile, _: str, answer: HubAnswer) -> dict[str, Any]:
    changed = profile.answers.changed(answer)
    if isinstance(changed, Meaning):
        return _failed(changed)
    changes, cursor, more = changed
    states = profile.model.statuses
    shown = [{"id": c.id, "tracking_id": c.tracking_id, "state": states.get(c.word)} for c in changes]
    return {"outcome": "done", "found": shown, "cursor": cursor, "more": more}


def _standing(profile: Profile, _: str, answer: HubAnswer) -> dict[str, Any]:
    found = profile.answers.standing(answer)
    if isinstance(found, Meaning):
        return _failed(found)
    states = profile.model.statuses
    return {
        "outcome": "done",
        "found": [{"tracking_id": s.tracking_id, "state": states.get(s.word), "words": s.words} for s in found],
    }


def _listing(profile: Profile, _: str, answer: HubAnswer) -> dict[str, Any]:
    listed = profile.answers.listed(answer)
    if isinstance(listed, Meaning):
        return _failed(listed)
    reports, after = listed
    states = profile.model.statuses
    shown = [
        {"tracking_id": r.tracking_id, "reference": r.reference, "state": states.get(r.word or "")} for r in reports
    ]
    return {"outcome": "done", "found": shown, "next": after}


def _table(profile: Profile, operation: str, answer: HubAnswer) -> dict[str, Any]:
    rows = profile.answers.table(operation.partition(".")[2], answer)
    if isinstance(rows, Meaning):
        return _failed(rows)
    return {"outcome": "done", "found": [{"code": r.code, "title": r.title, "parent": r.parent} for r in rows]}


def _login(profile: Profile, _: str, answer: HubAnswer) -> dict[str, Any]:
    opened = profile.answers.opened(answer)
    if isinstance(opened, Meaning):
        return _failed(opened)
    return {"outcome": "done", "token": opened.token, "lasts": opened.lasts}


_READERS: Mapping[str, Callable[[Profile, str, HubAnswer], dict[str, Any]]] = {
    "lookup": _lookup,
    "changes": _changes,
    "standing": _standing,
    "listing": _listing,
    "tables": _table,
    "login": _login,
}
