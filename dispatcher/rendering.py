"""What a hub is told of a complaint: the profile's expressions over one document, and a fingerprint of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import structlog

from dispatcher.hub import Hub
from recipes.functions import to_text
from recipes.mapped import MappingError
from runtime.clock import Clock, system_clock
from runtime.delivery.outcomes import Delivery
from runtime.delivery.worker import Rendered, Unrenderable
from runtime.sealing.protocol import Sealing, SealingError
from schemas.complaint import Complaint, PrivatePart

log = structlog.get_logger()

CREATE = "create"
UPDATE = "update"
ATTACH = "attach"
KINDS = (CREATE, UPDATE, ATTACH)
_SKEW = timedelta(minutes=5)
"""How far a hub's clock may be behind ours, for a look-up by time (`delivery.since`)."""


class Renderer:
    """Renders complaints for hubs."""

    def __init__(self, sealing: Sealing, clock: Clock = system_clock) -> None:
        self._sealing = sealing
        self._clock = clock

    def document(self, complaint: Complaint) -> dict[str, Any]:
        """The document that expressions read, without `delivery`.

        Raises:
            SealingError: its private part cannot be opened.
        """
        opened = self._sealing.open(complaint.private, subject=str(complaint.complaint_id), field="private")
        shown = complaint.model_dump(mode="json")
        if complaint.incident_date is not None and complaint.incident_date > _latest(complaint):
            # A day that had not come when it was written is a slip of the pen, and forms refuse it.
            shown["incident_date"] = None
        return {
            "complaint": shown,
            "private": PrivatePart.model_validate_json(opened).model_dump(mode="json"),
        }

    def fingerprint(self, complaint: Complaint, hub: Hub) -> str | None:
        """Tells two states apart that the hub would be told otherwise. None: the hub takes no updates."""
        template = None if hub.profile.telling is None else hub.profile.template(UPDATE)
        if template is None:
            return None
        try:
            document = self.document(complaint)
            document["complaint"] |= {"revision": 1, "updated_at": None}
            body = template.body(document | {"delivery": {}, "settings": dict(hub.settings)}, hub.context)
        except (MappingError, SealingError, ValueError):
            return None
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    def shadow(self, complaint: Complaint, hub: Hub, row: Mapping[str, Any], tracking_id: str | None) -> str | None:
        """What a delivery that is not to be sent would say, sealed as one that is; None when it cannot be rendered."""
        shown = Delivery(
            delivery_id=row["delivery_id"],
            subject_id=row["subject_id"],
            destination=row["destination"],
            kind=row["kind"],
            sequence=row["sequence"],
            attempts=0,
            doubt=False,
            token="",
            request=None,
            created_at=row["created_at"],
        )
        rendered = self.render(complaint, hub, shown, tracking_id, None)
        if isinstance(rendered, Unrenderable):
            log.warning("unrenderable", hub=shown.destination, delivery=str(shown.delivery_id), reason=rendered.reason)
            return None
        return self._sealing.seal(rendered.frozen, subject=str(shown.delivery_id), field="request")

    def render(
        self,
        complaint: Complaint,
        hub: Hub,
        delivery: Delivery,
        tracking_id: str | None,
        merged_tracking_id: str | None,
        *,
        attachment: str | None = None,
    ) -> Rendered | Unrenderable:
        """The request of a delivery, as it will be sent at every try. `attachment`: the key of the file it is about."""
        template = hub.profile.template(delivery.kind)
        if template is None:
            return Unrenderable(f'the profile "{hub.profile.name}" has no operation "{delivery.kind}"')
        now = self._clock()
        about = {
            "id": str(delivery.delivery_id),
            "hub": delivery.destination,
            "kind": delivery.kind,
            "tracking_id": tracking_id,
            "merged_tracking_id": merged_tracking_id,
            "since": (now - _SKEW).isoformat(),
        }
        try:
            document = self.document(complaint) | {"delivery": about, "settings": dict(hub.settings)}
            if delivery.kind == ATTACH:
                document["attachment"] = _attachment(complaint, attachment)
            if (sentence := hub.profile.unfit(document, hub.context)) is not None:
                return Unrenderable(f"this hub cannot have it: {sentence}")
            request = template.render(document, hub.context)
            kept = {"made_at": now.isoformat(), **_lookup(hub, delivery.kind, document)}
            request = replace(request, notes={**request.notes, **kept})
        except (MappingError, ValueError) as error:
            return Unrenderable(f"the profile does not fit this complaint: {error}")
        except SealingError as error:
            return Unrenderable(str(error))
        mark = attachment if delivery.kind == ATTACH else self.fingerprint(complaint, hub)
        return Rendered(request.freeze(), mark)


def _attachment(complaint: Complaint, key: str | None) -> dict[str, Any]:
    for each in complaint.attachments:
        if each.object == key and key is not None:
            return each.model_dump(mode="json")
    raise MappingError("the complaint no longer has this attachment")


def _lookup(hub: Hub, kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """How to ask for it later, from the same state of the complaint."""
    template = hub.profile.template("lookup")
    if template is None or kind != CREATE:
        return {}
    same = {name: each(document, hub.context) for name, each in hub.profile.same.items()}
    return {
        "lookup": json.loads(template.render(document, hub.context).freeze()),
        "same": {name: (to_text(value) or "").strip() for name, value in same.items()},
    }


def _latest(complaint: Complaint) -> date:
    # Indonesia is ahead of UTC by up to nine hours.
    return (complaint.updated_at + timedelta(hours=9)).date()
