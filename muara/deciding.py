"""What a person decides of duplicates and categories, put on the log once it is clear that it can be obeyed."""

from pathlib import Path
from uuid import UUID

import normalizer.story
from muara.commanding import command
from muara.context import find
from muara.ground import open_books
from muara.output import fail
from normalizer import queries
from normalizer.understanding.ruling import Ruling


async def order(folder: Path, subject: str, verdict: str, target: str | None, reason: str | None) -> None:
    """Order a verdict (merge, link, new) on a complaint; ends with words when it cannot be obeyed.

    `target` of merge and link: the other complaint, by default that which it resembles.
    """
    home, config = find(folder)
    async with open_books(home, config) as books:
        case = await queries.complaint(books.store, id_of(subject))
        if case is None:
            fail(f"there is no published complaint {subject}; `muara review list` shows the unclear ones")
        if verdict in ("merge", "link"):
            other = id_of(target) if target else case.verdict.target
            if other is None:
                fail(f"{subject} resembles none in particular: name the other complaint with --target")
            if other == case.complaint_id:
                fail(f"{subject} cannot be a duplicate of itself: name the other complaint with --target")
            if await queries.complaint(books.store, other) is None:
                fail(f"there is no published complaint {other}: name the other complaint with --target")
            await command(books.bus, verdict, str(case.complaint_id), target=str(other), reason=reason)
        else:
            await command(books.bus, "dismiss", str(case.complaint_id), reason=reason)


async def order_undo(folder: Path, subject: str, reason: str | None) -> str:
    """Order that a complaint's merge or link be taken back; returns what that will be."""
    home, config = find(folder)
    async with open_books(home, config) as books:
        case = await queries.complaint(books.store, id_of(subject))
        if case is None:
            fail(f"there is no published complaint {subject}; a message is taken out with `muara dedup split`")
        joined = case.merged_into or case.leader
        if joined is None:
            fail(f"{subject} is neither merged nor linked: there is nothing to undo")
        await command(books.bus, "undo", str(case.complaint_id), reason=reason)
    return f"no longer merged into {joined}" if case.merged_into else f"follows {joined} no longer"


async def order_split(folder: Path, message: str, reason: str | None) -> str:
    """Order that a message be taken out of the complaint that it joined; returns from which."""
    home, config = find(folder)
    wanted = id_of(message)
    async with open_books(home, config) as books:
        traced = await normalizer.story.trace(books.store, wanted)
        if traced is None:
            fail(f"no message {message} here; `muara trace {message}` tells whether anybody knows it")
        if wanted in traced.complaints:
            fail(
                f"{message} is a complaint: name the message to be taken out of it, one of its `supporters` in the feed"
            )
        if not traced.complaints:
            fail(f"{message} is in no complaint: it is {traced.fate}")
        owner = traced.complaints[0]
        if traced.fate == "complaint":
            fail(f"{message} founded complaint {owner}: take the other messages out of it instead")
        if await queries.complaint(books.store, owner) is None:
            fail(f"complaint {owner} is not published yet: wait until it has settled")
        await command(books.bus, "undo", str(wanted), reason=reason)
    return str(traced.complaints[-1])


async def order_category(folder: Path, subject: str, category: str, reason: str | None) -> str:
    """Order that a complaint have this category; returns its title."""
    home, config = find(folder)
    topics = Ruling(home.rules).categories.table.categories
    if category not in topics:
        fail(f"there is no category {category!r}: use one of {', '.join(sorted(topics))}")
    async with open_books(home, config) as books:
        case = await queries.complaint(books.store, id_of(subject))
        if case is None:
            fail(f"there is no published complaint {subject}; `muara review categories` shows those without a category")
        if case.merged_into is not None:
            fail(f"{subject} lives on in {case.merged_into}: set the category of that one")
        await command(books.bus, "dismiss", str(case.complaint_id), category=category, reason=reason)
    return topics[category].title


def id_of(text: str) -> UUID:
    """The id that a person typed."""
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text!r} is no id; `muara review list` shows the ids")
