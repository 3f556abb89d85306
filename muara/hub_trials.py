"""Looking at a hub before it gets a complaint: examples, a harmless question, an invented complaint."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from dispatcher.client import HubClient
from dispatcher.hub import Hub
from muara.finding import Finding
from recipes.hubs.answers import HubAnswer, Meaning
from recipes.hubs.examples import run_examples
from recipes.hubs.listings import TableRow
from recipes.hubs.profile import Profile
from recipes.hubs.requests import Request
from recipes.mapped import MappingError
from recipes.paths import Context
from runtime.clock import system_clock


def sample(kind: str = "create") -> dict[str, Any]:
    """An invented complaint, as profiles read it; with a number of its own each time."""
    now = datetime.now(UTC)
    return {
        "complaint": {
            "complaint_id": str(uuid4()),
            "revision": 1,
            "agency": "kota-contoh",
            "directed_to": "Dinas Contoh",
            "channel": "whatsapp_cloud",
            "source": "percobaan",
            "classification": "pengaduan",
            "incident_date": now.date().isoformat(),
            "category": {"key": "penerangan_jalan", "title": "Penerangan jalan", "confidence": 1.0, "version": "1"},
            "anonim": False,
            "rahasia": False,
            "place": {"street": "Jalan Contoh", "region_name": "Kota Contoh", "latitude": -3.29, "longitude": 102.86},
            "attachments": [],
            "supporters": [],
            "followers": [],
            "merged_into": None,
        },
        "private": {
            "title": "PERCOBAAN: lampu jalan mati",
            "text": "PERCOBAAN, mohon diabaikan: lampu jalan di depan SD Contoh mati sejak Senin.",
            "name": "Warga Contoh",
            "phone": "+6281100000001",
            "email": "warga@contoh.example",
        },
        "delivery": {
            "id": str(uuid4()),
            "hub": "percobaan",
            "kind": kind,
            "tracking_id": None if kind == "create" else "12345",
            "merged_tracking_id": None,
            "since": (now - timedelta(minutes=5)).isoformat(),
        },
    }


def rendered(profile: Profile, operation: str, document: Mapping[str, Any], settings: Mapping[str, Any]) -> Request:
    """A request, without credentials.

    Raises:
        MappingError: it cannot be made, or this hub cannot have such a complaint.
    """
    whole, context = {**document, "settings": dict(settings)}, Context(settings=settings)
    template = profile.template(operation)
    if template is None:
        raise MappingError(f'the profile "{profile.name}" has no operation "{operation}"')
    if operation in ("create", "update", "comment") and (sentence := profile.unfit(whole, context)) is not None:
        raise MappingError(f"this hub cannot have it: {sentence}")
    return template.render(whole, context)


async def send(hub: Hub, operation: str, request: Request, key: str) -> Meaning:
    """Send it for real; what the answer means, or in which way there was none."""
    async with HubClient(hub, system_clock, ssl.create_default_context) as client:
        answer = await client.ask(request, operation, key=key)
    if isinstance(answer, HubAnswer):
        return hub.profile.answers.read(answer, operation)
    words = {"Stop": "stop", "Wait": "wait", "Retry": "retry", "Ambiguous": "ambiguous"}
    return Meaning(words[type(answer).__name__], answer.reason)  # type: ignore[arg-type]  # each is an outcome's word


def examples(profile: Profile) -> list[Finding]:
    """Whether the examples of a profile hold."""
    results = run_examples(profile)
    wrong = [Finding(f"profile {profile.name}", ok=False, words=str(each)) for each in results if not each.passed]
    words = f"{len(results)} examples hold" if results else "no examples: nothing shows that it does what it should"
    return wrong or [Finding(f"profile {profile.name}", ok=True, words=words)]


async def connection(name: str, hub: Hub) -> Finding:
    """Whether a hub is reached, and takes our credentials, by a question that leaves nothing behind."""
    what, question = f"hub {name}", _question(hub.profile)
    async with HubClient(hub, system_clock, ssl.create_default_context) as client:
        if question is None:
            there = await client.reach()
            if not isinstance(there, HubAnswer):
                return Finding(what, ok=False, words=f"{hub.base_url}: {there.reason}")
            words = "credentials are not tried, since its profile has no operation that changes nothing"
            return Finding(what, ok=True, words=f"{hub.base_url} answers; {words}")
        operation, document = question
        try:
            request = rendered(hub.profile, operation, document, hub.settings)
        except MappingError as error:
            return Finding(what, ok=False, words=f"{operation}: {error}")
        answer = await client.ask(request, operation)
    if not isinstance(answer, HubAnswer):
        return Finding(what, ok=False, words=f"{hub.base_url}: {answer.reason}")
    meaning = _read(hub.profile, operation, answer)
    words = f"{operation}: {meaning.reason}" if meaning else f"{hub.base_url} answers; {operation} was understood"
    return Finding(what, ok=meaning is None, words=words)


async def table(hub: Hub, name: str) -> Sequence[TableRow] | str:
    """The rows of one of a hub's tables, or why they cannot be had."""
    try:
        request = rendered(hub.profile, f"tables.{name}", {}, hub.settings)
    except MappingError as error:
        return str(error)
    async with HubClient(hub, system_clock, ssl.create_default_context) as client:
        answer = await client.ask(request, f"tables.{name}")
    if not isinstance(answer, HubAnswer):
        return answer.reason
    rows = hub.profile.answers.table(name, answer)
    return rows.reason if isinstance(rows, Meaning) else rows


def _question(profile: Profile) -> tuple[str, dict[str, Any]] | None:
    for name in profile.templates:
        if name.startswith("tables."):
            return name, {}
    if "changes" in profile.templates:
        return "changes", {"cursor": None}
    return ("lookup", sample()) if "lookup" in profile.templates else None


def _read(profile: Profile, operation: str, answer: HubAnswer) -> Meaning | None:
    found: object
    if operation == "changes":
        found = profile.answers.changed(answer)
    elif operation == "lookup":
        found = profile.answers.found(answer)
    else:
        found = profile.answers.table(operation.partition(".")[2], answer)
    return found if isinstance(found, Meaning) else None


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as people see it: with the address, and the places of credentials named, not filled."""

    address: str
    request: Request
    secrets: tuple[str, ...]

    def view(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "method": self.request.method,
            "url": self.address,
            "headers": dict(self.request.headers),
            "body": None if self.request.body is None else self.request.body.decode(),
            "secrets_added_at_sending": list(self.secrets),
        }


def shown(profile: Profile, operation: str, request: Request, base_url: str) -> Shown:
    """How a request would look."""
    own = profile.auth(operation).secrets or (profile.model.auth.secrets if profile.auth(operation).renewable else [])
    gateway = [profile.model.gateway.secret] if profile.model.gateway else []
    return Shown(f"{base_url.rstrip('/')}{request.target}", request, (*own, *gateway))
