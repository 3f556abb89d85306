"""`muara dedup`: how well duplicates are found, and why two complaints are or are not one."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from muara.commands import correcting, explaining
from muara.context import JsonOption
from muara.dedup.evaluation import KINDS, Compared, Evaluation, Judged, evaluate, texts_of, understand
from muara.dedup.pairs import LABELS, BadPairs, Pair, read_pairs
from muara.dedup.reading import Reader
from muara.dedup.shares import Share
from muara.output import errors, fail, print_json, say, table
from normalizer.dedup.rarity import Rarity
from normalizer.dedup.scoring import Judge
from normalizer.dedup.weights import Weights, WeightsError, load_weights

app = typer.Typer(help="Duplicates: measured, explained, corrected, tuned.", no_args_is_help=True)
explaining.register(app)
correcting.register(app)

Worst = Annotated[int, typer.Option("--worst", min=0, help="Show so many of the worst mistakes.")]
ZoneOption = Annotated[str, typer.Option("--zone", help="Time zone of times that come without one.")]
RegionOption = Annotated[str | None, typer.Option("--region", help="Code of the home region, such as 16.73.")]
WeightsOption = Annotated[
    Path | None, typer.Option("--weights", help="Another file of weights than the one that comes with Muara.")
]


@app.command("evaluate")
def evaluate_(
    file: Annotated[Path, typer.Argument(help="Labelled pairs, one JSON object a line.")],
    *,
    worst: Worst = 10,
    zone: ZoneOption = "Asia/Jakarta",
    region: RegionOption = None,
    weights: WeightsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge labelled pairs as the pipeline would, and say how often that is right."""
    found = measured(file, zone, region, chosen_weights(weights))
    if as_json:
        print_json(_document(found, worst))
        return
    rows = [
        (name, *map(_shown, (quality.precision, quality.recall, quality.f1)), quality.found, quality.true)
        for name, quality in (("merge", found.merge), ("link", found.link), ("link or merge", found.link_or_merge))
    ]
    columns = ("", "precision (95 %)", "recall (95 %)", "F1 (95 %)", "found", "true")
    table(f"{len(found.judged)} pairs, weights {found.version}", columns, rows)
    table("what was said of each", ("label", *KINDS), _confusion(found, None))
    for number, each in enumerate(found.worst(worst), start=1):
        _say_mistake(number, each)


def chosen_weights(file: Path | None) -> Weights:
    """Those of a file, or those shipped."""
    try:
        return load_weights(file)
    except WeightsError as error:
        fail(str(error))


def measured(file: Path, zone: str, region: str | None, weights: Weights) -> Evaluation:
    """The evaluation of a file, with a bar while it is made."""
    try:
        pairs = read_pairs(file, zone)
        reader = Reader(zone=zone, home=region)
    except BadPairs as error:
        fail(str(error))
    except ValueError as error:
        fail(f"{error}: look at --region and --zone")
    compared = with_bar(pairs, reader)
    judge = Judge(weights, rarity=Rarity.of_texts(weights, texts_of(compared)))
    return evaluate(compared, judge)


def with_bar(pairs: list[Pair], reader: Reader) -> list[Compared]:
    """Understands all pairs, and shows how far it is."""
    bar = Progress(
        TextColumn("understanding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors,
        disable=not sys.stderr.isatty(), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=len(pairs))
        return understand(pairs, reader, lambda done: bar.update(task, completed=done))


def _shown(share: Share) -> str:
    return f"{share.value:.3f} ({share.low:.3f}-{share.high:.3f})"


def _confusion(found: Evaluation, family: str | None) -> list[tuple[object, ...]]:
    counted = found.confusion(family)
    return [(label, *(counted[label, kind] for kind in KINDS)) for label in LABELS]


def _say_mistake(number: int, each: Judged) -> None:
    pair, judgement = each.pair, each.judgement
    family = f", {pair.family}" if pair.family else ""
    say(f"\n{number}. line {pair.line}{family}: {pair.label}, told as {judgement.kind} ({judgement.score:.2f})")
    for name, side in (("a", pair.a), ("b", pair.b)):
        place = f" [{side.place}]" if side.place else ""
        say(f"   {name}: {' '.join(side.text.split())}{place}")
    say(f"   because: {'; '.join(judgement.reasons)}")


def _document(found: Evaluation, worst: int) -> dict[str, object]:
    return {
        "merge": found.merge.as_json(),
        "link": found.link.as_json(),
        "link_or_merge": found.link_or_merge.as_json(),
        "pairs": len(found.judged),
        "version": found.version,
        "confusion": {label: {kind: found.confusion()[label, kind] for kind in KINDS} for label in LABELS},
        "families": {
            family: {label: {kind: found.confusion(family)[label, kind] for kind in KINDS} for label in LABELS}
            for family in found.families()
        },
        "worst": [
            {
                "line": each.pair.line,
                "family": each.pair.family,
                "label": each.pair.label,
                "said": each.judgement.kind,
                "score": each.judgement.score,
                "reasons": each.judgement.reasons,
                "a": {"text": each.pair.a.text, "place": each.pair.a.place},
                "b": {"text": each.pair.b.text, "place": each.pair.b.place},
            }
            for each in found.worst(worst)
        ],
    }
