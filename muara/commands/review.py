"""`muara review`: cases in which the normalizer would not decide."""

from pathlib import Path
from typing import Annotated

import typer

from muara.context import HomeOption, JsonOption, find, run
from muara.deciding import order, order_category, order_undo
from muara.ground import open_books
from muara.output import fail, print_json, say, table
from normalizer import queries
from normalizer.understanding.categories import FoundCategory
from normalizer.understanding.ruling import Ruling
from schemas.complaint import Complaint

app = typer.Typer(help="What the normalizer would not decide alone: duplicates, categories.", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=1, help="Show at most so many.")]

_ACTIONS = {"merge": "the same report", "link": "the same incident", "new": "a complaint of its own", "undo": "undone"}


@app.command("list")
def list_unclear(home: HomeOption = Path(), *, limit: Limit = 100, as_json: JsonOption = False) -> None:
    """Unclear cases, oldest first, with the complaint that each resembles."""
    found = run(_list(home, limit))
    if as_json:
        print_json([c.model_dump(mode="json", exclude={"private"}) for c in found])
        return
    rows = [
        (
            str(c.complaint_id),
            c.title,
            str(c.verdict.target or "–"),
            "–" if c.verdict.score is None else f"{c.verdict.score:.2f}",
            "; ".join(c.verdict.reasons),
        )
        for c in found
    ]
    table(f"{len(rows)} unclear cases", ("complaint", "title", "resembles", "score", "because"), rows)


@app.command("categories")
def list_uncategorised(home: HomeOption = Path(), *, limit: Limit = 100, as_json: JsonOption = False) -> None:
    """Complaints without a category, newest first, with what they might be about and why that was not certain enough.

    They are sent without one. Phrases that are missing belong into the home's `rules/categories.yaml`.
    """
    found, minimum = run(_uncategorised(home, limit))
    if as_json:
        print_json(
            [
                {
                    "complaint_id": str(c.complaint_id),
                    "title": c.title,
                    "text": c.text,
                    "guess": guess.key if guess else None,
                    "confidence": guess.confidence if guess else 0.0,
                    "reasons": list(guess.reasons) if guess else [],
                    "minimum": minimum,
                }
                for c, guess in found
            ]
        )
        return
    rows = [
        (
            str(c.complaint_id),
            c.title,
            guess.key if guess else "–",
            f"{guess.confidence:.2f}" if guess else "–",
            ", ".join(guess.reasons) if guess else "no phrase of the table",
        )
        for c, guess in found
    ]
    heading = f"{len(rows)} without a category, which needs {minimum:.2f}"
    table(heading, ("complaint", "title", "perhaps", "confidence", "because"), rows)


@app.command("decide")
def decide(
    complaint: Annotated[str, typer.Argument(help="Id of the complaint.")],
    verdict: Annotated[str, typer.Argument(help="merge, link, new, or undo (takes a merge or link back).")],
    home: HomeOption = Path(),
    *,
    target: Annotated[str | None, typer.Option(help="The other complaint; the one it resembles by default.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; kept.")] = None,
) -> None:
    """Say what a complaint is to another. Every decision can be taken back with `undo`."""
    if verdict not in _ACTIONS:
        fail(f"{verdict!r} is no verdict: say merge (same report), link (same incident), new, or undo")
    if target is not None and verdict not in ("merge", "link"):
        fail(f"--target belongs to merge and link; {verdict} concerns this complaint alone")
    run(order_undo(home, complaint, reason) if verdict == "undo" else order(home, complaint, verdict, target, reason))
    say(f"{complaint}: {_ACTIONS[verdict]}; a running Muara obeys within a second")


@app.command("category")
def set_category(
    complaint: Annotated[str, typer.Argument(help="Id of the complaint.")],
    category: Annotated[str, typer.Argument(help="Key of the category, such as lampu_jalan.")],
    home: HomeOption = Path(),
    *,
    reason: Annotated[str | None, typer.Option(help="Why; kept.")] = None,
) -> None:
    """Say what a complaint is about. The hub is told, and later messages do not change it."""
    title = run(order_category(home, complaint, category, reason))
    say(f"{complaint}: {title}; a running Muara obeys within a second")


async def _list(folder: Path, limit: int) -> list[Complaint]:
    home, config = find(folder)
    async with open_books(home, config) as books:
        return await queries.unclear(books.store, limit)


async def _uncategorised(folder: Path, limit: int) -> tuple[list[tuple[Complaint, FoundCategory | None]], float]:
    home, config = find(folder)
    categorizer = Ruling(home.rules).categories
    async with open_books(home, config) as books:
        without = await queries.uncategorised(books.store, limit)
    return [(c, categorizer.guess(f"{c.title}\n{c.text}")) for c in without], categorizer.table.minimum
