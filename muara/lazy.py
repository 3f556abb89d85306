"""Commands that are imported when they are given: `--help` and a small command need not wait for all the others."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Entry:
    """A command, or a group of them, and where it is found."""

    name: str
    help: str
    """Its line in `muara --help`; what its own `--help` begins with."""
    modules: tuple[str, ...]
    """Under `muara.commands`. A group stands in the first as `app`, and each other adds to it by `register(app)`; a
    single command is added by the `register(app)` of its one module."""


class LazyCommand(TyperCommand):
    """Stands where a command or a group will stand, and has its name and its line of help."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, short_help=entry.help)
        self._entry = entry
        self._found: TyperCommand | TyperGroup | None = None

    @property
    def found(self) -> TyperCommand | TyperGroup:
        """The command itself, imported by now."""
        if self._found is None:
            self._found = _find(self._entry)
        return self._found

    def make_context(self, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 as typer's own, whose types are private
        """The command was given: from here on it is the real one."""
        return self.found.make_context(*arguments, **more)


def lazy_group(entries: tuple[Entry, ...]) -> type[TyperGroup]:
    """A group of these commands, for `typer.Typer(cls=…)`."""

    class Group(TyperGroup):
        def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 whatever typer says of a group
            super().__init__(**attributes)
            self.commands = {entry.name: LazyCommand(entry) for entry in entries}

    return Group


def unfold(app: typer.Typer) -> TyperGroup:
    """All commands, imported: for whoever looks at them without giving one."""
    group = typer.main.get_group(app)
    group.commands = {
        name: command.found if isinstance(command, LazyCommand) else command for name, command in group.commands.items()
    }
    return group


@cache
def _find(entry: Entry) -> TyperCommand | TyperGroup:
    first, *others = (import_module(f"muara.commands.{name}") for name in entry.modules)
    app = typer.Typer(rich_markup_mode="rich")
    if hasattr(first, "app"):
        app.add_typer(first.app, name=entry.name)
        for module in others:
            module.register(first.app)
    else:
        first.register(app)
    found = typer.main.get_group(app).commands[entry.name]
    if not isinstance(found, TyperCommand | TyperGroup):
        raise TypeError(f"{entry.name} is a {type(found).__name__}, which typer makes no more")
    return found
