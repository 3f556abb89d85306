"""A drop folder: files that appear are taken aside, imported, and moved away when they are durable.

Taken aside first: whoever replaces a file by a new one of the same name while it is read would see the new one moved
away unread. What is aside when a process dies is imported by the next one. Of several processes one looks: see
`connectors.leases`.
"""

import asyncio
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from connectors.acceptance import Acceptance
from connectors.files.importer import ImportStopped, import_file
from connectors.files.lines import UnreadableFile
from connectors.leases import Lease, Leases
from connectors.serving import Rounds
from connectors.source import Source
from runtime.fault_points import reached
from runtime.store.engine import StoreUnavailable

DONE, FAILED, TAKEN = "done", "failed", ".taken"
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".swp", "~")
"""How programs name files that they are still writing."""
_log = structlog.get_logger("muara.connectors.files")


class FolderUnusable(Exception):
    """The folder cannot be read or written; says why."""


_TROUBLE = (FolderUnusable, ImportStopped, StoreUnavailable, OSError)


@dataclass(frozen=True, slots=True)
class _Sight:
    size: int
    modified: int


class DropFolder:
    """Looks into one folder at intervals. A crash anywhere repeats an import, which makes no doubles."""

    def __init__(
        self,
        folder: Path,
        source: Source,
        acceptance: Acceptance,
        leases: Leases,
        *,
        interval: float = 2.0,
        patience: float = 30.0,
    ) -> None:
        """`interval` and `patience` are seconds: between two looks, and that a file waits for a log that is away."""
        self.source = source
        self._folder = folder
        self._acceptance = acceptance
        self._leases = leases
        self._interval = interval
        self._patience = patience
        self._seen: dict[str, _Sight] = {}
        self._rounds = Rounds(source, acceptance.metrics, self.look, noun="drop folder", trouble=_TROUBLE, room="files")

    @property
    def problem(self) -> str | None:
        """Why the folder is not served at the moment."""
        return self._rounds.problem

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until `stopping`. What goes wrong is logged, counted, and tried again, at growing intervals."""
        await self._rounds.run(self._interval, stopping)

    async def look(self) -> int | None:
        """One look: import every file that has not changed since the last one. Returns how many; None: another process
        looks after this folder.

        Raises:
            LeaseLost: another process has taken over in the middle.
            StoreUnavailable: our own database, which knows who looks after it, does not answer.
            FolderUnusable: see the class.
            ImportStopped: the log is away; the file stays where it is.
        """
        lease = await self._leases.hold(self.source.id)
        if lease is None:
            self._seen = {}
            return None
        taken = await asyncio.to_thread(self._take_aside)
        for path in taken:
            await self._import(path, lease)
        return len(taken)

    def _take_aside(self) -> list[Path]:
        """Files to import: those that an earlier look left behind, and those that are ready now."""
        aside = self._folder / TAKEN
        left = sorted(aside.iterdir()) if aside.is_dir() else []
        taken = {path.name for path in left}
        for path in self._ready():
            if path.name not in taken:  # one of that name is still aside: this one's turn comes next
                aside.mkdir(exist_ok=True)
                left.append(path.rename(aside / path.name))
        return left

    def _ready(self) -> list[Path]:
        try:
            for name in (DONE, FAILED):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
            found = {entry.name: entry for entry in os.scandir(self._folder) if _is_candidate(entry)}
            now = {name: _Sight(e.stat().st_size, e.stat().st_mtime_ns) for name, e in found.items()}
        except OSError as error:
            raise FolderUnusable(
                f"{self._folder}: {error.strerror or error}; give this user the right to read and write there"
            ) from error
        # A file that still grows would be read to its middle.
        ready = [self._folder / name for name, sight in sorted(now.items()) if self._seen.get(name) == sight]
        self._seen = now
        return ready

    async def _import(self, path: Path, lease: Lease) -> None:
        historical = bool(self.source.options.get("historical"))
        try:
            before = None
            while before != (before := await asyncio.to_thread(_sight, path)):  # who still wrote is read to the end
                result = await import_file(
                    path,
                    self.source,
                    self._acceptance,
                    historical=historical,
                    patience=self._patience,
                    guard=lease.check,
                )
        except UnreadableFile as error:
            lease.check()
            moved = await asyncio.to_thread(_move, path, self._folder / FAILED, str(error))
            self._acceptance.metrics.received(self.source.channel.recipe.channel, "unreadable_file")
            _log.error("file not readable", source=self.source.id, file=moved.name, why=str(error))
            return
        lease.check()
        reached("connectors.imported")
        moved = await asyncio.to_thread(_move, path, self._folder / DONE)
        _log.info("file imported", source=self.source.id, file=moved.name, rows=result.rows, defects=result.defects)


def _is_candidate(entry: "os.DirEntry[str]") -> bool:
    hidden = entry.name.startswith((".", "~$"))
    return not hidden and not entry.name.endswith(_UNFINISHED) and entry.is_file(follow_symlinks=False)


def _move(path: Path, folder: Path, reason: str | None = None) -> Path:
    """Move a file, never over another one; with a reason beside it if there is one."""
    target = folder / path.name
    if target.exists():
        target = folder / f"{path.stem}.{datetime.now().astimezone():%Y%m%dT%H%M%S%f}{path.suffix}"
    if reason:
        target.with_name(f"{target.name}.reason.txt").write_text(reason + "\n", encoding="utf-8")
    shutil.move(path, target)
    if not any(path.parent.iterdir()):
        path.parent.rmdir()
    return target


def _sight(path: Path) -> _Sight:
    stat = path.stat()
    return _Sight(stat.st_size, stat.st_mtime_ns)
