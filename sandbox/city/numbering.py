"""The last touches on a plan: providers' ids, rows that commit late, requests that hold several messages."""

import base64
import random
from collections.abc import Sequence
from datetime import timedelta

from sandbox.city.drafts import Draft
from sandbox.city.shares import Shares
from sandbox.city.utterances import Channel, Kind
from sandbox.city.wording import WIB

_MAIL_HOSTS = ("mail.example.org", "surat.example", "mx2.example.org")


def name_all(drafts: Sequence[Draft], rng: random.Random) -> None:
    """Gives each the id that its provider would; `drafts` are in the order of time. Rows of files get theirs later."""
    ticket = 0
    row = 1000
    for draft in drafts:
        said = draft.said
        match said.channel:
            case Channel.WHATSAPP:
                name = f"wamid.{base64.b64encode(rng.randbytes(24)).decode()}"
            case Channel.SMS:
                name = f"{'MM' if said.attachments else 'SM'}{rng.getrandbits(128):032x}"
            case Channel.EMAIL:
                name = f"{rng.getrandbits(80):020x}@{rng.choice(_MAIL_HOSTS)}"
            case Channel.HOSPITAL:
                ticket += 1
                name = f"RS-{said.at.astimezone(WIB).year}-{ticket:06d}"
            case Channel.WATER:
                row += 1
                name = str(row)
            case Channel.SUBDISTRICT:
                continue
        draft.change(external_id=name)


def swap_late_rows(rows: Sequence[Draft], rng: random.Random, shares: Shares) -> None:
    """Makes some solitary rows commit a few seconds after a row that has a higher id."""
    solitary = [row for row in rows if row.solitary]
    late = rng.sample(solitary, round(len(solitary) * shares.late_rows))
    chosen = {id(row) for row in late}
    others = [row for row in rows if id(row) not in chosen]
    if not others:
        return
    for row in late:
        row.change(at=rng.choice(others).said.at - timedelta(seconds=15), lag=20.0)


def gather_batches(drafts: Sequence[Draft], rng: random.Random, shares: Shares) -> None:
    """Lets runs of neighbours travel in one request; `drafts` are one channel's, in the order of time."""
    number = 0
    at = 0
    while at < len(drafts):
        length = rng.randint(2, 5)
        run = drafts[at : at + length]
        # A run starts here with the chance that makes the share of batched messages come out right.
        if rng.random() < _starting(shares.batches) and len(run) > 1 and all(map(_plain, run)):
            number += 1
            for draft in run:
                draft.change(batch=number)
            at += len(run)
        else:
            at += 1


def _starting(share: float) -> float:
    """Chance that a run of 3.5 messages on average starts at a message, given that some runs are not possible."""
    return min(1.0, share / (3.5 - 2.5 * share) * 1.5)


def _plain(draft: Draft) -> bool:
    said = draft.said
    return said.burst is None and said.sockets == 1 and said.kind is not Kind.BROKEN and not said.again
