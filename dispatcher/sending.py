"""One try of a delivery, and what came of it, told apart by whether the hub may have got the request."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dispatcher.client import HubClient
from dispatcher.hub import Hub
from recipes.hubs.answers import HubAnswer, Meaning
from recipes.hubs.listings import FoundReport
from recipes.hubs.requests import Request, RequestTemplate
from recipes.mapped import MappingError
from runtime.delivery.outcomes import (
    Absent,
    Ambiguous,
    Delivered,
    Delivery,
    Doubts,
    Found,
    Outcome,
    Rejected,
    Retry,
    Stop,
    Unknown,
    Wait,
)

Taken = Callable[[Collection[str], UUID], Awaitable[Collection[str]]]
"""Which of these numbers belong to other complaints than this one."""


class HubSender:
    """The `Sender` of one hub."""

    def __init__(self, hub: Hub, client: HubClient, taken: Taken) -> None:
        self._hub = hub
        self._client = client
        self._taken = taken

    def doubts(self, kind: str, frozen: bytes | None = None) -> Doubts:
        """A key, or an operation that may be repeated, settles every doubt; else the profile's look-up has to."""
        model = self._hub.profile.model
        operation = model.operations.get(self._hub.profile.operation(kind))
        repeatable = self._remembered(frozen) or (operation is not None and operation.repeatable)
        return Doubts(repeatable, timedelta(seconds=model.settle_after), model.lookup_proves_absence)

    def _remembered(self, frozen: bytes | None) -> bool:
        """Whether the hub still knows our key."""
        idempotency = self._hub.profile.model.idempotency
        if idempotency is None or idempotency.retention is None or frozen is None:
            return idempotency is not None
        made_at = Request.thaw(frozen).notes.get("made_at")
        if made_at is None:
            return True  # frozen before this was noted
        return self._client.now() - datetime.fromisoformat(made_at) < timedelta(seconds=idempotency.retention)

    async def send(self, delivery: Delivery, frozen: bytes) -> Outcome:
        """One try."""
        operation = self._hub.profile.operation(delivery.kind)
        answer = await self._client.ask(Request.thaw(frozen), operation, key=str(delivery.delivery_id))
        if not isinstance(answer, HubAnswer):
            return answer
        return self._outcome(self._hub.profile.answers.read(answer, operation), answer)

    async def lookup(self, delivery: Delivery, frozen: bytes) -> Found | Absent | Unknown:
        """Ask by our reference, or by content and time. Only a complaint's creation can be asked for."""
        template = self._hub.profile.template("lookup")
        if template is None or delivery.kind != "create":
            return Unknown("the hub offers no look-up that could tell")
        notes = Request.thaw(frozen).notes
        try:
            request = self._question(template, notes, delivery)
        except MappingError as error:
            return Unknown(f"the profile's look-up cannot be made: {error}")
        answer = await self._client.ask(request, "lookup")
        if not isinstance(answer, HubAnswer):
            # A question may be asked again without harm.
            return Unknown(answer.reason, Retry(answer.reason) if isinstance(answer, Ambiguous) else answer)
        found = self._hub.profile.answers.found(answer)
        if isinstance(found, Meaning):
            return self._no_list(found, answer)
        return await self._decided(list(found), notes.get("same", {}), delivery, answer)

    def _question(self, template: RequestTemplate, notes: Mapping[str, Any], delivery: Delivery) -> Request:
        if "lookup" in notes:
            return Request.from_fields(notes["lookup"])
        # Frozen before look-ups were, when hubs could be asked by reference only.
        about = {"complaint_id": str(delivery.subject_id)}
        return template.render({"complaint": about, "delivery": {"id": str(delivery.delivery_id)}}, self._hub.context)

    async def _decided(
        self, found: list[FoundReport], same: Mapping[str, str], delivery: Delivery, answer: HubAnswer
    ) -> Found | Absent | Unknown:
        """By reference the first is ours; by content the one that is like ours and nobody else's."""
        if self._hub.profile.same:
            if not any(same.values()):
                return Unknown("nothing of it could be compared with what the hub has")
            found = await self._alike(found, same, delivery.subject_id)
            if len(found) > 1:
                numbers = ", ".join(each.tracking_id for each in found[:5])
                return Unknown(f"several reports at the hub look like it: {numbers}")
        return Found(found[0].tracking_id, found[0].url, answer.content) if found else Absent(answer.content)

    async def _alike(self, found: list[FoundReport], same: Mapping[str, str], subject: UUID) -> list[FoundReport]:
        wanted = {name: _plain(value) for name, value in same.items()}
        alike = [each for each in found if {name: _plain(value) for name, value in each.shown} == wanted]
        others = await self._taken({each.tracking_id for each in alike}, subject) if alike else ()
        return [each for each in alike if each.tracking_id not in others]

    def _no_list(self, meaning: Meaning, answer: HubAnswer) -> Unknown:
        again = self._outcome(meaning, answer)
        if isinstance(again, Wait | Stop):
            return Unknown(meaning.reason, again)
        return Unknown(meaning.reason, Retry(meaning.reason, self._pause(meaning, answer)))

    def _pause(self, meaning: Meaning, answer: HubAnswer) -> timedelta | None:
        asked = self._client.pause(answer)
        return asked if asked is not None or meaning.after is None else timedelta(seconds=meaning.after)

    def _outcome(self, meaning: Meaning, answer: HubAnswer) -> Outcome:
        pause = self._pause(meaning, answer)
        match meaning.outcome:
            case "done":
                return Delivered(meaning.tracking_id, meaning.url, answer.content)
            case "retry":
                return Retry(meaning.reason, pause, answer=answer.content)
            case "wait":
                return Wait(meaning.reason, pause)
            case "stop":
                return Stop(meaning.reason)
            case "dead":
                return Rejected(meaning.reason, answer.content)
            case "ambiguous":
                return Ambiguous(meaning.reason, pause, answer.content)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
