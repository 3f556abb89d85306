"""Notices that a database file was removed, or another put in its place, before that does harm.

SQLite makes a file that is missing, and goes on writing into one that was removed: both lose data without a word. So
each file carries a random number (`PRAGMA user_version`: no row that could be deleted), and beside it lies its mark, a
small file with the same number. A copy from a backup has the number; a new file has not.
"""

import os
import secrets
from pathlib import Path

from runtime.durable import sync_folder
from runtime.sqlite import Cursor


class FileReplaced(Exception):
    """A database file is not the one that was used here before."""


class DatabaseFile:
    """One SQLite file: what it should be, whether it still is."""

    def __init__(self, path: Path, *, otherwise: str) -> None:
        """`otherwise` says what follows for those who begin without the old file."""
        self.path = path
        self.mark = path.with_name(f"{path.name}.id")
        self._otherwise = otherwise
        self._opened: tuple[int, int] | None = None

    def expect(self) -> None:
        """Before opening.

        Raises:
            FileReplaced: the file was here before, and is gone or empty.
        """
        if not self._known():
            return
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            size = 0
        if size == 0:
            raise FileReplaced(f"{self.path} is gone, but was here before: {self._remedy()}")

    def recognise(self, cursor: Cursor) -> None:
        """After opening: compares the numbers; gives a new file one.

        Raises:
            FileReplaced: it is another file than the mark tells of.
        """
        known = self._known()
        cursor.execute("PRAGMA user_version")
        number = _number(cursor)
        if number == 0 and not known:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("PRAGMA user_version")
            number = _number(cursor)  # another process may have been first
            if number == 0:
                number = secrets.randbelow(2**31 - 1) + 1
                cursor.execute(f"PRAGMA user_version={number}")
            cursor.execute("COMMIT")
        if not known:
            self._write_mark(number)
        elif number != known:
            raise FileReplaced(f"{self.path} is not the file that was used here before: {self._remedy()}")
        self._opened = self._identity()

    def confirm(self) -> None:
        """After a commit: did it go into the file that is there?

        Raises:
            FileReplaced: the file was removed or replaced while it was open; the commit is not durable.
        """
        if self._opened is not None and self._identity() != self._opened:
            raise FileReplaced(
                f"{self.path} was removed or replaced while Muara uses it: put the same file back,"
                " or restore its backup and start Muara again; until then nothing is accepted"
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _known(self) -> int:
        try:
            text = self.mark.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return 0
        # A mark that a crash left empty knows nothing, and is written again.
        return int(text) if text.isdecimal() else 0

    def _write_mark(self, number: int) -> None:
        descriptor = os.open(self.mark, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{number}\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.mark.parent)

    def _remedy(self) -> str:
        return f"put it back, or restore it from its backup. To begin without it, delete {self.mark}: {self._otherwise}"


def _number(cursor: Cursor) -> int:
    row = cursor.fetchone()
    return int(row[0]) if isinstance(row, tuple) else 0
