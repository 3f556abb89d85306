"""A page about a profile, for whoever has to decide whether it fits a hub."""

from collections.abc import Iterator
from typing import Any

from recipes.hubs.answer_model import BUILT_IN, ErrorRule
from recipes.hubs.auth_model import Auth
from recipes.hubs.examples import example_request
from recipes.hubs.models import HubProfile
from recipes.hubs.profile import Profile
from recipes.hubs.request_model import RequestSpec
from recipes.signature_model import Signature


def describe(profile: Profile) -> str:
    """The page, in Markdown."""
    model = profile.model
    return "\n".join(
        [
            f"# {model.name}: {model.title}",
            *([f"\nFollows: {model.manual}"] if model.manual else []),
            *([f"\n{model.description.strip()}"] if model.description else []),
            "\n## What it needs\n",
            *_needs(model),
            "\n## Operations\n",
            "| operation | request | body |",
            "|---|---|---|",
            *(_operation(name, each) for name, each in _requests(model)),
            *_sent(profile),
            "\n## What answers mean\n",
            "The first line that fits counts.\n",
            "| answer | outcome | meaning |",
            "|---|---|---|",
            *(_rule(rule) for rule in rules(model)),
            "\n## When an answer fails to come\n",
            *_doubts(model),
            "\n## Limits\n",
            *_limits(model),
            *_states(model),
        ]
    )


def rules(model: HubProfile) -> list[ErrorRule]:
    """All rules in their order. Nothing can be renewed where a token is fixed."""
    renewable = any(auth.renewable for auth in model.auths)
    return [rule if renewable else rule.model_copy(update={"renew": False}) for rule in (*model.errors, *BUILT_IN)]


def settings_of(model: HubProfile) -> list[str]:
    """Names of the settings that its expressions read."""
    found = dict.fromkeys(_settings(model.model_dump(exclude={"examples"})))
    if model.tls is not None:
        found |= dict.fromkeys((model.tls.certificate, model.tls.key, model.tls.authority))
    return list(found)


def _settings(spec: Any) -> Iterator[str]:  # noqa: ANN401 any part of a profile
    if isinstance(spec, dict):
        if isinstance(spec.get("setting"), str):
            yield spec["setting"]
        if "mapped" in spec and isinstance(spec.get("by"), str):
            yield spec["by"]
        for each in spec.values():
            yield from _settings(each)
    elif isinstance(spec, list | tuple):
        for each in spec:
            yield from _settings(each)


def _needs(model: HubProfile) -> Iterator[str]:
    yield f"- Proof of who we are: {_auth(model.auth)}."
    if model.gateway is not None:
        yield f"- The key of the gateway before it, in the header `{model.gateway.header}`."
    if model.tls is not None:
        yield f"- A certificate of ours, in the file that the setting `{model.tls.certificate}` names."
    yield f"- Secrets: {_names(model.secrets)}."
    yield f"- Settings that it reads: {_names(settings_of(model))}."
    for each in model.unfit:
        yield f"- Parked, and not sent there: {each.sentence}."


def _auth(auth: Auth) -> str:
    match auth.kind:
        case "none":
            return "none"
        case "bearer":
            return "a bearer token"
        case "basic":
            return "name and password (Basic)"
        case "oauth2":
            return "OAuth 2.0 client credentials; tokens are renewed before they end, and after a 401"
        case "session":
            return f"a session, opened by a login; its token stands in {_place(auth.place or '', auth)}"
        case _:
            return f"a token in {_place(auth.kind, auth)}"


def _place(place: str, auth: Auth) -> str:
    match place:
        case "bearer":
            return "the header `Authorization`"
        case "element":
            return f"the XML element `{auth.within}`"
        case "attribute":
            return f"the XML attribute `{auth.name}` of {f'`{auth.within}`' if auth.within else 'the root'}"
        case "query":
            return f"the parameter `{auth.name}` of the address"
        case _:
            return f"the {place} `{auth.name}`"


def _requests(model: HubProfile) -> Iterator[tuple[str, RequestSpec]]:
    if model.auth.login is not None:
        yield "login", model.auth.login
    yield from model.operations.items()


def _operation(name: str, spec: RequestSpec) -> str:
    return f"| {name} | `{spec.method} {spec.path}` | {spec.format if spec.body is not None else 'none'} |"


def _sent(profile: Profile) -> Iterator[str]:
    for example in profile.model.examples:
        if example.operation == "create" and example.request is not None and "unfit" not in example.request:
            request = example_request(profile, example)
            yield f"\n## What it sends\n\nFor the example “{example.name}”, without credentials:\n\n```"
            yield f"{request.method} {request.target}"
            yield from (f"{name}: {value}" for name, value in request.headers.items())
            yield f"\n{request.body.decode() if request.body is not None else ''}\n```"
            return


def _rule(rule: ErrorRule) -> str:
    status = ", ".join(str(each) for each in rule.status or ("any",))
    when = f" when `{rule.when}`" if rule.when is not None else ""
    outcome = f"{rule.outcome}, after {rule.after:g} s" if rule.after is not None else rule.outcome
    renewed = " (after one try with a new token)" if rule.renew else ""
    return f"| {status}{when.replace('|', '/')} | {outcome}{renewed} | {rule.sentence} |"


def _doubts(model: HubProfile) -> Iterator[str]:
    if model.idempotency is not None:
        key = model.idempotency
        place = f"the header `{key.header}`" if key.header else f"the field `{key.field}`"
        forgets = f" for {key.retention:g} seconds" if key.retention else ""
        yield f"It is sent again with the same key in {place}, which the hub remembers{forgets}."
    if model.create.repeatable:
        yield "It is sent again: twice leaves the hub as once would."
    if model.lookup is not None:
        how = "its content" if model.lookup.same else "our reference"
        found = "then it is sent" if model.lookup_proves_absence else "it is parked for a person"
        also = "Otherwise the" if model.idempotency is not None or model.create.repeatable else "The"
        yield f"{also} hub is asked after {model.settle_after:g} s, by {how}; when it has nothing, {found}."
    elif model.idempotency is None and not model.create.repeatable:
        yield "Nothing can tell: it is parked for a person, and never sent again by itself."


def _limits(model: HubProfile) -> Iterator[str]:
    limits = model.limits
    rate = "no limit" if limits.rate is None else f"{limits.rate:g} a second"
    yield f"- Requests: {limits.concurrency} at a time, {rate}, {limits.timeout:g} s each."
    yield f"- A delivery that failed {limits.attempts} times while others went through is parked."


def _states(model: HubProfile) -> Iterator[str]:
    asked = "by a list of changes" if model.changes else "by asking for open reports" if model.standing else None
    ways = [each for each in (asked, "by requests of the hub" if model.webhook else None) if each is not None]
    yield f"\n## States\n\nThey come {' and '.join(ways) or 'not at all'}."
    if model.webhook is not None:
        yield f"\n{_webhook(model.webhook.signature)}"
    if model.statuses:
        yield "\n| the hub's word | ours |\n|---|---|"
        yield from (f"| {word} | {state} |" for word, state in model.statuses.items())
    if model.listing is not None:
        yield "\nThe hub lists what it has, so `muara reconcile` can compare it with what was noted here."
    if model.attach is not None:
        yield "\nStored attachments are sent one by one, behind the report."
    if model.update is None:
        told = "as a remark" if model.comment else "not told"
        yield f"\nLater revisions of a complaint are {told}."


def _webhook(signature: Signature) -> str:
    return (
        "The hub posts changes to `/hubs/NAME/changes` of this server, NAME being the hub's in muara.yaml,"
        f" with {_proof(signature.resolved())}; the secret is `{signature.secret}`, and without it nothing is taken."
    )


def _proof(general: Signature) -> str:
    """How a push proves itself; `general` is no provider's name for what a scheme with options can say."""
    place = f"the parameter `{general.query}`" if general.query else f"the header `{general.header}`"
    place += f" behind `{general.prefix}`" if general.prefix else ""
    if general.scheme in _OF_PROVIDERS:
        return _OF_PROVIDERS[general.scheme].format(place=place, recent=f", not older than {general.window} seconds")
    if general.scheme == "basic":
        return "name and password (Basic)"
    if general.scheme == "token":
        return f"a token in {place}"
    what = "the body" if general.signs == "{body}" else f"`{general.signs}`"
    when = f", the time being that of the header `{general.timestamp}`" if general.timestamp else ""
    recent = f", not older than {general.window} seconds" if general.timestamp else ""
    return f"the HMAC-{general.hash.upper()} of {what}{when}{recent}, {general.encoding}, in {place}"


_OF_PROVIDERS = {
    "standard_webhooks": "a signature after Standard Webhooks in the headers `webhook-…` (or `svix-…`){recent}",
    "twilio": "Twilio's signature of the address and the form, in {place}",
    "vonage": "Vonage's signed webhook (JWT) in the header `Authorization`, or its older parameter `sig`{recent}",
    "mailgun": "Mailgun's `signature` of `timestamp` and `token`, which stand in the body and cover no more{recent}",
    "sendgrid": "SendGrid's signature of time and body in the headers `X-Twilio-Email-Event-Webhook-…`{recent}",
}
"""Schemes of which a profile chooses only the secret."""


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
