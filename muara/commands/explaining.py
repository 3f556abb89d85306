"""`muara dedup explain`: the verdict on two complaints, or two texts, taken apart."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from muara.context import HomeOption, JsonOption, find, run
from muara.dedup.explaining import Explanation, explain
from muara.dedup.pairs import Pair, Side, side_of
from muara.dedup.reading import Reader
from muara.ground import open_books
from muara.output import fail, print_json, say, table
from muara.parts import find_parts, source_views
from normalizer.dedup.scoring import Judge
from normalizer.dedup.weights import WeightsError, load_weights
from normalizer.reports import Reports, Told
from normalizer.settling.drafting import Drafter

_SHAPE = '{"a": {"text": …}, "b": {"text": …}}'


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain_)


def explain_(
    a: Annotated[
        str, typer.Argument(help="Id of a complaint or message; a text; or a file with one pair, - for stdin.")
    ],
    b: Annotated[str | None, typer.Argument(help="The other id or text.")] = None,
    home: HomeOption = Path(),
    *,
    zone: Annotated[str, typer.Option("--zone", help="With texts: zone of times that come without one.")] = (
        "Asia/Jakarta"
    ),
    region: Annotated[str | None, typer.Option("--region", help="With texts: code of the home region.")] = None,
    weights: Annotated[Path | None, typer.Option("--weights", help="Another file of weights.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say why two are merged, linked or neither: each fact, both scores, the limits, what forbids it. Names nobody."""
    ids = [_id(each) for each in (a, b) if each is not None]
    told: list[Told] = []
    if b is not None and any(ids):
        if not all(ids):
            fail("one of the two is an id and the other a text: name two ids, or give two texts")
        found, told = run(_stored(home, [each for each in ids if each], _judge(weights) if weights else None))
    else:
        found = _texts(a, b, zone, region, _judge(weights))
    if as_json:
        print_json(_document(found, told))
    else:
        _show(found, told)


def _judge(weights: Path | None) -> Judge:
    try:
        return Judge(load_weights(weights))
    except WeightsError as error:
        fail(str(error))


async def _stored(folder: Path, ids: list[UUID], judge: Judge | None) -> tuple[Explanation, list[Told]]:
    home, config = find(folder)
    parts = find_parts(home, config, ("normalizer",))
    async with open_books(home, config) as books:
        sealer = home.sealer()
        sources = source_views(config, parts.sources)
        reports = Reports(books.store, sealer, Drafter(sealer, parts.ruling), sources)
        known = await reports.read(ids)
        for each in ids:
            if each not in known:
                fail(f"no complaint or message {each} here; `muara trace {each}` tells whether anybody knows it")
            if known[each].rahasia:
                fail(f"{each} is rahasia: it is compared with nothing, and nothing of it is shown")
        told = [known[each] for each in ids]
        if told[0].report.complaint_id == told[1].report.complaint_id:
            fail(
                f"both are complaint {told[0].report.complaint_id}: name two complaints;"
                " `muara dedup split` makes a message a complaint of its own"
            )
        return explain(judge or await reports.judge(), told[0].report, told[1].report), told


def _texts(a: str, b: str | None, zone: str, region: str | None, judge: Judge) -> Explanation:
    sides = _file(a, zone) if b is None else (_text(a), _text(b))
    try:
        ZoneInfo(zone)
        one, other = Reader(zone=zone, home=region).pair(Pair(1, *sides, "different"))
    except (KeyError, ValueError) as error:
        fail(f"{error}: look at --region and --zone")
    return explain(judge, one, other)


def _text(given: str) -> Side:
    if len(given.split()) < 2:  # a mistyped id is one word, a complaint is not
        fail(f"{given!r} is neither an id nor a text of several words; `muara review list` and the feed show ids")
    return Side(given)


def _file(name: str, zone: str) -> tuple[Side, Side]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
        document = json.loads(text)
        pair = document if isinstance(document, dict) else {}
        return side_of(pair.get("a"), "a", ZoneInfo(zone)), side_of(pair.get("b"), "b", ZoneInfo(zone))
    except OSError as error:
        fail(f"{name[:80]}: cannot be read ({error.strerror}); name two ids, two texts, or a file that holds {_SHAPE}")
    except KeyError:
        fail(f"{zone!r} is no time zone; give one such as Asia/Makassar with --zone")
    except ValueError as error:
        fail(f"{name[:80]}: {error}; the file holds one pair: {_SHAPE}")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _standing(told: Told) -> str:
    if told.merged_into is not None:
        return f"merged into {told.merged_into}"
    return f"follows {told.leader}" if told.leader is not None else told.state


def _show(found: Explanation, told: list[Told]) -> None:
    judgement = found.judgement
    for name, each in zip(("a", "b"), told, strict=False):
        by = " by an operator" if each.verdict.version == "operator" else ""
        say(f"{name}: {each.report.complaint_id}, {_standing(each)}{by}")
    table("facts", ("fact", "a", "b", "says"), [(f.name, f.a, f.b, f.says) for f in found.facts if f.says != "unknown"])
    untold = [f.name for f in found.facts if f.says == "unknown"]
    say(f"nothing to compare: {', '.join(untold)}")
    rows = [(e.name, f"{e.value:.2f}", f"{e.merge:+.2f}", f"{e.link:+.2f}") for e in found.evidence]
    table(
        "evidence",
        ("", "value", "to merge", "to link"),
        [("bias", "", f"{found.merge.bias:+.2f}", f"{found.link.bias:+.2f}"), *rows],
    )
    for name, score in (("merge", found.merge), ("link", found.link)):
        say(f"{name}: {score.score:.3f}, needs {score.threshold:.2f}")
    for veto in found.vetoes:
        say(f"veto: {veto}")
    doubt = ", a person should look at it" if judgement.unclear else ""
    say(f"verdict: {judgement.kind}{doubt}: {judgement.reasons[0]} (weights {judgement.version})")


def _document(found: Explanation, told: list[Told]) -> dict[str, object]:
    judgement = found.judgement
    return {
        "verdict": judgement.kind,
        "unclear": judgement.unclear,
        "rule": judgement.reasons[0],
        "reasons": judgement.reasons[1:],
        "version": judgement.version,
        "merge": asdict(found.merge),
        "link": asdict(found.link),
        "vetoes": found.vetoes,
        "facts": [asdict(each) for each in found.facts],
        "evidence": [asdict(each) for each in found.evidence],
        "complaints": [
            {
                "complaint_id": str(each.report.complaint_id),
                "state": each.state,
                "merged_into": str(each.merged_into) if each.merged_into else None,
                "leader": str(each.leader) if each.leader else None,
                "decided_by": "operator" if each.verdict.version == "operator" else "machine",
            }
            for each in told
        ],
    }
