"""What came of a demonstration, beside what the city knows to be true."""

import re
from collections.abc import Mapping
from typing import Any

from muara.ground import Ground
from normalizer import queries
from normalizer.queries import ChannelCount
from sandbox.city.truth import Found, Scores, Truth, score
from schemas.raw import RawComplaint

_ROW = re.compile(r"(?P<file>.+?)( \(\d+\))?(?P<ending>\.\w+):(?P<line>\d+)")


async def found_messages(ground: Ground) -> dict[tuple[str, str], Found]:
    """What Muara made of each message, by the ids that the city knows: the provider's, or a row's place in its file."""
    rows = await queries.messages(ground.store)
    led = {row.leader for row in rows if row.leader is not None}
    found = {}
    for row in rows:
        raw = RawComplaint.model_validate_json(row.raw)
        sealed = ground.sealer.open(raw.external_id, subject=str(raw.message_id), field="external_id")
        outcome = f"ignored:{row.reason}" if row.state == "ignored" else row.state
        incident = row.leader or (row.complaint_id if row.complaint_id in led else None)
        found[row.channel, _place_in_file(raw.provenance) or sealed.decode()] = Found(
            outcome,
            str(row.complaint_id) if row.complaint_id else None,
            str(incident) if incident else None,
        )
    return found


def _place_in_file(provenance: str | None) -> str | None:
    """`file:line`, whichever copy of the file was read first; None for what is no row of a file."""
    place = _ROW.fullmatch(provenance or "")
    return f"{place['file']}{place['ending']}:{place['line']}" if place else None


async def judge(ground: Ground, truth: Truth) -> Scores:
    """Precision and recall against the city's truth."""
    return score(truth, await found_messages(ground))


def channel_row(count: ChannelCount) -> tuple[object, ...]:
    """A channel's row of the table."""
    reasons = ", ".join(f"{reason} {number}" for reason, number in sorted(count.ignored.items(), key=lambda r: -r[1]))
    ignored = sum(count.ignored.values())
    return (
        count.channel,
        count.received,
        count.complaints,
        count.merged,
        f"{ignored} ({reasons})" if reasons else "0",
        count.dead,
        count.redelivered,
    )


def scores_json(scores: Scores) -> Mapping[str, Any]:
    """The scores for scripts."""
    return {
        "merge": {"precision": round(scores.merge.precision, 3), "recall": round(scores.merge.recall, 3)},
        "link": {"precision": round(scores.link.precision, 3), "recall": round(scores.link.recall, 3)},
        "joined": {reason: {"found": found, "of": of} for reason, (found, of) in scores.joined.items()},
        "outcomes": {expected: {"found": found, "of": of} for expected, (found, of) in scores.outcomes.items()},
        "missing": len(scores.missing),
        "unexpected": len(scores.unexpected),
    }
