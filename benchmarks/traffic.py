"""Messages to measure with: a simulated city's words, in the lengths that a real city's messages have.

Real texts have a median of 204 characters, a ninth decile of 693 and a longest of 8,471. The simulated city writes
shorter; so each text is followed by remarks without place or number until it has the length that was drawn for it.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from recipes.inbound import Inbound
from sandbox.city.clients.whatsapp import encode, signature
from sandbox.city.plan import plan_city
from sandbox.city.shares import Shares
from sandbox.city.targets import WhatsAppTarget
from sandbox.city.utterances import Channel, Kind, Utterance

SECRET = "not-a-secret-of-anybody"  # noqa: S105 signs invented messages
SEED = 20261124
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_TARGET = WhatsAppTarget(url="http://127.0.0.1/in/wa", app_secret=SECRET)
_LOG_MEDIAN, _LOG_SPREAD, _LONGEST = 5.318, 0.954, 8471
"""Of a log-normal distribution: ln 204, and ln(693 / 204) / 1.2816."""
_SHORTEST = 40
_CHUNK = 20_000
"""Messages drawn at once: a city of that many messages fits the numbers that nobody owns."""
_REMARKS = (
    "Kami sudah menunggu lama dan belum ada petugas yang datang.",
    "Warga sekitar sudah bicara dengan pengurus, tetapi belum ada hasil.",
    "Anak-anak dan orang tua yang paling merasakan akibatnya setiap hari.",
    "Sebelumnya pernah ditangani, lalu kembali seperti semula.",
    "Mohon diberi tahu kapan akan ditindaklanjuti supaya kami bisa tenang.",
    "Kalau hujan keadaannya lebih parah dan orang terpaksa memutar.",
    "Saya bersedia menunjukkan keadaannya kalau ada yang datang memeriksa.",
    "Beberapa orang hampir celaka karena tidak tahu keadaan ini.",
    "Kami tidak ingin menyalahkan siapa pun, hanya berharap ada perbaikan.",
    "Sudah banyak yang mengeluh, tetapi tidak semua tahu harus lapor ke mana.",
    "Terakhir kali ada yang datang melihat, katanya akan dilaporkan ke atasan.",
    "Usaha kecil di sekitar sini ikut sepi karena orang enggan lewat.",
    "Semoga pesan ini sampai kepada yang berwenang dan tidak berhenti di tengah jalan.",
    "Tetangga saya juga akan mengirim laporan, karena kami merasakan hal yang sama.",
    "Pada malam hari keadaannya lebih sulit, apalagi bagi yang pulang bekerja.",
    "Kalau perlu keterangan lain, silakan balas pesan ini, saya akan jawab.",
)


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of all messages that are no fresh complaint; zero switches a thing off."""

    redelivered: float = 0.02
    """The same message once more, under the same id."""
    resent: float = 0.038
    """The same person, word for word, under a new id: the share that was counted in a real city."""
    edited: float = 0.03
    """The same person, the text changed a little."""
    neighbours: float = 0.08
    """Other people about one incident."""
    lookalikes: float = 0.06
    """Another place, in the words of somebody else."""
    noise: float = 0.02
    """Tests, spam."""


USUAL = Mix()
FRESH = Mix(redelivered=0, resent=0, edited=0, neighbours=0, lookalikes=0, noise=0)
"""Complaints that have nothing to do with one another."""


def deliveries(count: int, *, seed: int = SEED, mix: Mix = USUAL) -> list[Inbound]:
    """So many webhooks with one message each, in the order of their times; the same arguments give the same."""
    return list(stream(count, seed=seed, mix=mix))


def stream(count: int, *, seed: int = SEED, mix: Mix = USUAL) -> Iterator[Inbound]:
    """The same, drawn in parts: for numbers that nobody wants to hold in memory."""
    for start in range(0, count, _CHUNK):
        for body in _bodies(min(_CHUNK, count - start), seed + start // _CHUNK, mix):
            headers = {"x-hub-signature-256": signature(SECRET, body)}
            yield Inbound(body, "application/json", headers)


def lengths(texts: Sequence[str]) -> dict[str, int]:
    """Median, ninth decile and longest, in characters."""
    ordered = sorted(map(len, texts))
    return {"median": ordered[len(ordered) // 2], "p90": ordered[len(ordered) * 9 // 10], "longest": ordered[-1]}


def texts(count: int, *, seed: int = SEED, mix: Mix = USUAL) -> list[str]:
    """What the messages of `deliveries` say."""
    return [said.text for said in _said(count, seed, mix)]


def _bodies(count: int, seed: int, mix: Mix) -> Iterator[bytes]:
    for said in _said(count, seed, mix):
        yield encode([said], _TARGET)


def _said(count: int, seed: int, mix: Mix) -> list[Utterance]:
    shares = Shares(
        channels={channel: float(channel is Channel.WHATSAPP) for channel in Channel},
        again_at_once=0, again_later=mix.redelivered, pieces=0, albums=0, other_channel=0, edited=mix.edited,
        neighbours=mix.neighbours, lookalikes=mix.lookalikes, automatic=0, noise=mix.noise, poison=0, batches=0,
    )  # fmt: skip
    rng = random.Random(seed)
    again = round(count * mix.resent)
    found: list[Utterance] = []
    # Some are photos without a word, or reactions: more are drawn than are wanted.
    plan = plan_city(seed, count + count // 3 + 40, now=_NOW, days=60, shares=shares)
    written: dict[str, str] = {}
    for said in plan.utterances:
        if said.text and said.kind in {Kind.TEXT, Kind.IMAGE} and len(found) < count - again:
            text = written.setdefault(said.external_id, _lengthened(said.text, rng))
            found.append(replace(said, kind=Kind.TEXT, attachments=(), text=text))
    for number, said in enumerate(rng.sample(found, min(again, len(found)))):
        later = said.at + timedelta(minutes=rng.randint(10, 4000))
        found.append(replace(said, at=min(later, _NOW), external_id=f"{said.external_id}R{number}"))
    return sorted(found, key=lambda each: each.at)


def _lengthened(text: str, rng: random.Random) -> str:
    wanted = min(_LONGEST, max(_SHORTEST, round(rng.lognormvariate(_LOG_MEDIAN, _LOG_SPREAD))))
    parts, length = [text], len(text)
    while length + 60 < wanted:
        remark = rng.choice(_REMARKS)
        parts.append(remark)
        length += len(remark) + 1
    return " ".join(parts)[:_LONGEST]
