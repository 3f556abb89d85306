"""Versioned JSON Schemas of what travels on the topics and over the API, for consumers in any language.

The schemas say what a reader has to accept: a field that has a default may be missing, an unknown field is passed over.
They are the same for every build (no host, no time), so that committed copies can be held to the models.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from schemas import events, raw
from schemas.base import Model
from schemas.complaint import Complaint

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Published:
    """A model that consumers outside may read."""

    name: str
    """File name without its ending."""
    model: type[Model]
    version: int
    """Raised when a consumer of the last one would have to change; the old copies stay."""

    @property
    def path(self) -> Path:
        """Where its schema lies below the folder of schemas."""
        return Path(f"v{self.version}") / f"{self.name}.json"


PUBLISHED = (
    Published("raw-complaint", raw.RawComplaint, raw.SCHEMA_VERSION),
    Published("complaint", Complaint, events.SCHEMA_VERSION),
    Published("complaint-event", events.ComplaintEvent, events.SCHEMA_VERSION),
    Published("status-event", events.StatusEvent, events.SCHEMA_VERSION),
    Published("deadline-event", events.DeadlineEvent, events.SCHEMA_VERSION),
    Published("media-wanted", events.MediaWanted, events.SCHEMA_VERSION),
    Published("media-event", events.MediaEvent, events.SCHEMA_VERSION),
    Published("command", events.Command, events.SCHEMA_VERSION),
    Published("dead-letter", events.DeadLetter, events.SCHEMA_VERSION),
)


def schema(published: Published) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one model."""
    body = TypeAdapter(published.model).json_schema(mode="validation")
    return {
        "$schema": DIALECT,
        "$id": f"urn:muara:schemas:v{published.version}:{published.name}",
        **body,
    }


def written(document: Mapping[str, Any]) -> str:
    """A schema as it stands in a file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def export(folder: Path) -> list[Path]:
    """Writes all schemas as `folder/v<version>/<name>.json`, makes the folders that are missing; returns the files.

    Raises:
        OSError: the folder cannot be made or written.
    """
    files = []
    for published in PUBLISHED:
        file = folder / published.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(schema(published)), encoding="utf-8")
        files.append(file)
    return files
