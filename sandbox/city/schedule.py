"""A plan cut into parcels: what goes out in one request, when, and after what."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.city.filing import Upload
from sandbox.city.plan import Plan
from sandbox.city.utterances import Channel, Utterance


@dataclass(frozen=True, slots=True)
class Parcel:
    """Messages of one request, or one upload of a file."""

    due: datetime
    channel: Channel
    said: tuple[Utterance, ...]
    upload: Upload | None = None

    @property
    def conversations(self) -> frozenset[str]:
        """Whose order it keeps; the uploads of the office are one conversation."""
        if self.upload is not None:
            return frozenset({str(self.channel)})
        return frozenset(said.conversation for said in self.said)

    @property
    def burst(self) -> int | None:
        """Parcels of one burst do not wait for each other."""
        return self.said[0].burst

    @property
    def sockets(self) -> int:
        """How many connections carry it at once."""
        return 1 if self.upload is not None else max(said.sockets for said in self.said)

    @property
    def size(self) -> int:
        """Messages that are sent, copies included."""
        return len(self.said) * self.sockets


def parcels(plan: Plan, channels: frozenset[Channel]) -> list[Parcel]:
    """The parcels of these channels in the order of their times. A batch goes out at the time of its last message."""
    found = [
        Parcel(upload.rows[-1].at + timedelta(seconds=upload.after), Channel.SUBDISTRICT, upload.rows, upload)
        for upload in plan.uploads
        if Channel.SUBDISTRICT in channels
    ]
    batches: dict[int, list[Utterance]] = {}
    for said in plan.utterances:
        if said.channel is Channel.SUBDISTRICT or said.channel not in channels:
            continue
        if said.batch is not None:
            batches.setdefault(said.batch, []).append(said)
        else:
            found.append(Parcel(said.at + timedelta(seconds=said.lag), said.channel, (said,)))
    found.extend(Parcel(batch[-1].at, batch[-1].channel, tuple(batch)) for batch in batches.values())
    found.sort(key=lambda parcel: parcel.due)
    return found
