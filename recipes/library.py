"""The channels of an installation: every recipe in its folders, read, compiled, and refused aloud when wrong."""

from collections.abc import Collection, Sequence
from pathlib import Path

from recipes.channel import Channel
from recipes.compiling import RecipeError
from recipes.document import Document, DocumentError, Problem, open_document
from recipes.files import claimed_name, files
from recipes.models import Recipe


def load_channel(path: Path, transports: Collection[str] | None = None) -> Channel:
    """One recipe, compiled.

    :param transports: the names of the transports that exist; None to leave them unchecked.
    :raises DocumentError: with every mistake: file, line, key and remedy.
    """
    return compile_document(open_document(path), transports)


def compile_document(document: Document, transports: Collection[str] | None = None) -> Channel:
    """The same, from a file that is already parsed."""
    recipe = document.build(Recipe)
    problems: list[Problem] = []
    if transports is not None and recipe.receive.transport not in transports:
        message = f'there is no transport "{recipe.receive.transport}"'
        where = ("receive", "transport")
        problems.append(document.problem(where, message, f"use one of {', '.join(sorted(transports))}"))
    try:
        channel = Channel(recipe)
    except RecipeError as error:
        problems += [document.problem(each.where, each.message, each.remedy) for each in error.errors]
        raise DocumentError(problems) from None
    if problems:
        raise DocumentError(problems)
    return channel


def load_channels(
    folders: Sequence[Path], transports: Collection[str] | None = None, *, only: Collection[str] | None = None
) -> dict[str, Channel]:
    """Every `*.yaml` and `*.yml` of the folders, by the name of the channel.

    :param only: the names of those that are wanted: files of others are not read, and may hold mistakes.
    :raises DocumentError: with the mistakes of all files; a name that two files claim is one of them.
    """
    channels: dict[str, Channel] = {}
    origins: dict[str, Path] = {}
    problems: list[Problem] = []
    for folder in folders:
        if not folder.is_dir():
            message, remedy = "there is no such folder of recipes", "make it, or correct the path"
            problems.append(Problem(str(folder), 0, 0, "", message, remedy))
            continue
        for path in files(folder):
            if only is not None and claimed_name(path, "channel") not in (None, *only):
                continue
            try:
                document = open_document(path)
                channel = compile_document(document, transports)
            except DocumentError as error:
                problems += error.problems
                continue
            if channel.name in channels:
                message = f'the channel "{channel.name}" is already defined by {origins[channel.name]}'
                problems.append(document.problem(("channel",), message, "give one of the two another name"))
                continue
            channels[channel.name], origins[channel.name] = channel, path
    if problems:
        raise DocumentError(problems)
    return channels


def channel_names(folders: Sequence[Path]) -> list[str]:
    """What there is to choose from, without reading it."""
    return sorted({name for folder in folders for path in files(folder) if (name := claimed_name(path, "channel"))})
