"""From an incident and a wording to a text: what one citizen writes about one thing at one place."""

import random
from dataclasses import dataclass
from datetime import datetime

from sandbox.city.catalogue import Situation
from sandbox.city.geography import Spot
from sandbox.city.people import Citizen, Register
from sandbox.city.speech import colour
from sandbox.city.wording import Wording, often, since, when

_LONG = (
    "{problem} {place}, {object}. {span}{effect}. {wish}.",
    "{place_first} {problem}, {object}. {effect}. {span}{wish}.",
    "{wish}. {problem} {place}, {object}. {span}{effect}.",
    "{problem}, {object}, lokasinya {place}. {effect}. {span}{wish}.",
    "{span}{problem} {place}. {effect}, {object}. {wish}.",
)
_TERSE = ("{problem} {place}. {span}{object}.", "{problem} {object} {place}.", "{place_first} {problem}, {wish}.")
_QUESTION = ("{problem}? {object}, {place}. {effect}. {wish}.", "{problem} {place}? {object}. {wish}.")
_STREET = (
    "Jl. {s} RT {rt:02d}/RW {rw:02d} Kelurahan {v}",
    "jln {s} rt {rt} rw {rw} {v}",
    "RT {rt:02d} RW {rw:02d} {v}, Jalan {s}",
    "Jalan {s} RT.{rt:02d}/RW.{rw:02d}, Kel. {v}, Kec. {d}",
    "Jalan {s}, Kel. {v}, Kec. {d}",
    "Jl {s} dekat {l}, {v}",
    "jl. {s} {v}",
    "Jln. {s} Kelurahan {v}",
    "Kelurahan {v} RT.{rt:02d}/RW.{rw:02d} dekat {l}",
    "kel {v} rt {rt} rw {rw}",
)
_EXACT = 4
"""So many forms of the street, from the first, name everything."""
_HOUSE = (
    "rumah saya Jl. {s} No. {h} RT {rt:02d}/RW {rw:02d} {v}",
    "Jalan {s} nomor {h}, Kelurahan {v}",
    "jl {s} no {h} {v}",
)
_FACILITY = ("{f}", "{f}, Kec. {d}", "{f}")


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that happened: what all who complain of it have in common."""

    number: int
    situation: Situation
    spot: Spot
    began: datetime
    fact: int
    """Which of the situation's object facts."""
    habit: int


@dataclass(frozen=True, slots=True)
class Parts:
    """The slots of one text, filled."""

    problem: str
    object: str
    place: str
    span: str
    effect: str
    wish: str


def mention(spot: Spot, form: int, *, exact: bool = False) -> str:
    """The place in words, without preposition."""
    if spot.facility:
        # The hospital serves the whole city, and an office of a kecamatan says so itself.
        local = "RSUD" not in spot.facility and not spot.facility.startswith("kantor")
        template = _FACILITY[form % len(_FACILITY)] if local else "{f}"
    elif spot.house:
        template = _HOUSE[0] if exact else _HOUSE[form % len(_HOUSE)]
    else:
        template = _STREET[form % (_EXACT if exact else len(_STREET))]
    village = spot.village
    return template.format(
        s=spot.street,
        rt=spot.rt,
        rw=spot.rw,
        v=village.name,
        d=village.district,
        l=spot.landmark,
        h=spot.house,
        f=spot.facility,
    )


def fill(incident: Incident, wording: Wording, at: datetime) -> Parts:
    """The slots as this wording puts them."""
    situation, rng = incident.situation, random.Random(wording.seed)
    span = ""
    match situation.span:
        case "state":
            span = since(rng, incident.began, at)
        case "event":
            span = when(rng, incident.began, at)
        case "habit":
            span = often(rng, incident.habit)
        case "none":
            span = ""
    fact = situation.object[incident.fact % len(situation.object)]
    return Parts(
        situation.problem[wording.problem],
        fact[wording.object % len(fact)],
        f"di {mention(incident.spot, wording.mention, exact=wording.exact)}",
        span,
        situation.effect[wording.effect % len(situation.effect)],
        situation.wish[wording.wish % len(situation.wish)],
    )


def compose(incident: Incident, wording: Wording, citizen: Citizen, at: datetime) -> str:
    """The whole text. The same arguments give the same text."""
    parts = fill(incident, wording, at)
    layouts: tuple[str, ...]
    if incident.situation.classification == "permintaan_informasi":
        layouts = _QUESTION
    else:
        layouts = _TERSE if citizen.register is Register.TERSE else _LONG
    body = layouts[wording.layout % len(layouts)].format(
        problem=parts.problem,
        object=parts.object,
        place=parts.place,
        place_first=parts.place[0].upper() + parts.place[1:],
        span=f"{parts.span}, " if parts.span else "",
        effect=parts.effect,
        wish=parts.wish,
    )
    sentences = [body]
    if wording.correction:
        sentences.insert(0, "Ralat laporan tadi")
    if wording.extra >= 0:
        sentences.append(incident.situation.effect[wording.extra % len(incident.situation.effect)])
    if wording.plea:
        sentences.append(wording.plea)
    text = " ".join(sentence if sentence.endswith((".", "?")) else f"{sentence}." for sentence in sentences)
    text = colour(_capitalise(text), citizen, random.Random(wording.seed + 1))
    opened = f"{wording.opening}, {text}" if wording.opening else text
    return f"{opened} {wording.closing}" if wording.closing else opened


def subject(incident: Incident, wording: Wording) -> str:
    """The subject line of a mail about it."""
    problem, village = incident.situation.problem[wording.problem], incident.spot.village.name
    forms = (
        f"Laporan {problem}",
        f"Pengaduan: {problem} di {village}",
        f"{problem} {village}",
        "Mohon bantuan",
        "Pengaduan warga",
    )
    return forms[wording.layout % len(forms)]


def _capitalise(text: str) -> str:
    return ". ".join(part[:1].upper() + part[1:] for part in text.split(". "))
