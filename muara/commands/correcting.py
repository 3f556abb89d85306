"""`muara dedup undo|link|merge|split`: a person's word on duplicates, which the machine does not overrule."""

from pathlib import Path
from typing import Annotated

import typer

from muara.context import HomeOption, run
from muara.deciding import order, order_split, order_undo
from muara.output import say

Reason = Annotated[str | None, typer.Option(help="Why; kept with who decided and when.")]
Complaint = Annotated[str, typer.Argument(help="Id of the complaint.")]
_SOON = "a running Muara obeys within a second"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("undo")(undo)
    app.command("link")(link)
    app.command("merge")(merge)
    app.command("split")(split)


def undo(complaint: Complaint, home: HomeOption = Path(), *, reason: Reason = None) -> None:
    """Take a merge or a link back, whoever decided it: the complaint stands alone, and is not joined again."""
    say(f"{complaint}: {run(order_undo(home, complaint, reason))}; {_SOON}")


def link(
    complaint: Complaint,
    leader: Annotated[str, typer.Argument(help="Id of the complaint that it is to follow.")],
    home: HomeOption = Path(),
    *,
    reason: Reason = None,
) -> None:
    """Say that two complaints are about the same incident: the first follows the second."""
    run(order(home, complaint, "link", leader, reason))
    say(f"{complaint}: follows {leader}; {_SOON}")


def merge(
    complaint: Complaint,
    head: Annotated[str, typer.Argument(help="Id of the complaint in which it lives on.")],
    home: HomeOption = Path(),
    *,
    reason: Reason = None,
) -> None:
    """Say that two complaints are the same report: the first lives on in the second."""
    run(order(home, complaint, "merge", head, reason))
    say(f"{complaint}: lives on in {head}; {_SOON}")


def split(
    message: Annotated[str, typer.Argument(help="Id of a message that joined a complaint.")],
    home: HomeOption = Path(),
    *,
    reason: Reason = None,
) -> None:
    """Take a message out of its complaint: it becomes one of its own, with what corrects or answers it."""
    say(f"{message}: taken out of {run(order_split(home, message, reason))}; {_SOON}")
