"""Puts an operator's command on the log, for the services to obey."""

import getpass
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from runtime.bus.protocol import Bus, Record
from schemas.events import Command
from schemas.topics import COMMANDS


async def command(bus: Bus, action: str, subject: str, **more: Any) -> Command:  # noqa: ANN401 fields of Command
    """Publish a command in the name of whoever is at the keyboard. It is durable when this returns."""
    made = Command.model_validate(
        {
            "event_id": uuid4(),
            "occurred_at": datetime.now(UTC),
            "origin": _operator(),
            "action": action,
            "subject": subject,
            **more,
        }
    )
    await bus.publish(COMMANDS.name, [Record(subject, made.model_dump_json().encode())])
    return made


def _operator() -> str:
    try:
        name = getpass.getuser()
    except OSError:  # no such user in this container
        name = "operator"
    slug = re.sub(r"[^a-z0-9_.-]", "-", name.lower())[:63].lstrip("_.-")
    return slug or "operator"
