"""The whole of the traffic, drawn from a seed: what is said when, and the truth beside it."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.city.drafts import Draft, nameless, repeatable
from sandbox.city.filing import Upload, file_rows
from sandbox.city.numbering import gather_batches, name_all, swap_late_rows
from sandbox.city.oddities import POISONS, automatic, noise
from sandbox.city.scenes import Scene, album, edited, lookalikes, neighbours, ordinary, other_channel, pieces
from sandbox.city.shares import Shares
from sandbox.city.stage import Stage
from sandbox.city.truth import Truth
from sandbox.city.utterances import Channel, Utterance


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is sent, and apart from it the truth. The same arguments give the same plan."""

    seed: int
    now: datetime
    shares: Shares
    utterances: tuple[Utterance, ...]
    """Every message, redeliveries that come later included, in the order of their times."""
    uploads: tuple[Upload, ...]
    """The files that hold the rows among the utterances."""
    truth: Truth


def plan_city(seed: int, size: int, *, now: datetime, days: float = 7.0, shares: Shares | None = None) -> Plan:
    """Draws `size` messages over the `days` before `now`.

    Raises:
        ValueError: `now` has no zone, the size is below 1, or the shares ask for more than all messages.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a zone: datetime.now(UTC)")
    if size < 1:
        raise ValueError(f"a plan of {size} messages is none: give a size of 1 or more")
    shares = shares or Shares()
    rng = random.Random(seed)
    stage = Stage(rng, shares, now, days)
    drafts = _play(stage, size)
    swap_late_rows([d for d in drafts if d.said.channel is Channel.WATER], rng, shares)
    drafts.sort(key=lambda draft: draft.said.at)
    name_all(drafts, rng)
    drafts += _again_later(drafts, round(size * shares.again_later), rng, now)
    uploads = file_rows([d for d in drafts if d.said.channel is Channel.SUBDISTRICT], rng, shares)
    _again_at_once(drafts, round(size * shares.again_at_once), rng)
    drafts.sort(key=lambda draft: draft.said.at)
    gather_batches([d for d in drafts if d.said.channel is Channel.WHATSAPP], rng, shares)
    said = tuple(draft.said for draft in drafts)
    return Plan(seed, now, shares, said, uploads, _truth(drafts, random.Random(f"truth of {seed}")))


def _play(stage: Stage, size: int) -> list[Draft]:
    """Scenes until each share has its fill, then ordinary ones."""
    shares = stage.shares
    room = size - round(size * shares.again_later)
    drafts: list[Draft] = []
    # What counts towards a share: all messages of a scene, or all but the first, which would be there anyway.
    quotas: tuple[tuple[float, Scene, Callable[[list[Draft]], int]], ...] = (
        (shares.pieces, pieces, len),
        (shares.albums, album, len),
        (shares.other_channel, other_channel, _further),
        (shares.edited, edited, _further),
        (shares.neighbours, neighbours, _further),
        (shares.lookalikes, lookalikes, _further),
        (shares.automatic, automatic, len),
        (shares.noise, noise, len),
    )
    for share, scene, counts in quotas:
        left = round(size * share)
        while left > 0 and (played := scene(stage)):
            left -= counts(played)
            drafts += played
    usable = [poison for channel, poison in POISONS if stage.has(channel)]
    for n in range(round(size * shares.poison) if usable else 0):
        drafts.append(usable[n % len(usable)](stage))
    if len(drafts) > room + _SLACK:
        raise ValueError(f"the shares ask for {len(drafts)} of {room} messages: lower some of them")
    del drafts[room:]
    while len(drafts) < room:
        drafts += ordinary(stage)
    return drafts


def _further(scene: list[Draft]) -> int:
    return len(scene) - 1


_SLACK = 12
"""The last scene of each quota may be longer than what was left."""


def _again_later(drafts: Iterable[Draft], count: int, rng: random.Random, now: datetime) -> list[Draft]:
    """Copies, under the same id, a few minutes after their originals."""
    pool = repeatable(drafts)
    copies = []
    for original in rng.sample(pool, min(count, len(pool))):
        wait = timedelta(seconds=rng.randint(60, 900))
        copy = Draft(original.said, original.outcome, original=original)
        copy.change(at=min(original.said.at + wait, now), again=True)
        original.copies += 1
        copies.append(copy)
    return copies


def _again_at_once(drafts: Iterable[Draft], count: int, rng: random.Random) -> None:
    pool = [draft for draft in repeatable(drafts) if draft.original is None]
    for draft in rng.sample(pool, min(count, len(pool))):
        draft.change(sockets=2)
        draft.copies += 1


def _truth(drafts: Iterable[Draft], rng: random.Random) -> Truth:
    """The truth under names of its own, drawn apart, so that nothing that is sent could hint at them."""
    complaints: dict[int, str] = {}
    incidents: dict[int, str] = {}
    truth = Truth()
    for draft in drafts:
        if nameless(draft):
            truth.nameless[draft.said.channel] += 1
        elif draft.original is None:
            key = (str(draft.said.channel), draft.said.external_id)
            truth.entries[key] = draft.expected(
                _name(complaints, draft.complaint, "c", rng), _name(incidents, draft.incident, "i", rng)
            )
    return truth


def _name(names: dict[int, str], number: int | None, kind: str, rng: random.Random) -> str | None:
    if number is None:
        return None
    return names.setdefault(number, f"{kind}-{rng.getrandbits(64):016x}")
