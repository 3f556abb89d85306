"""Making files outlive a power cut: a file's content and its name in the folder are flushed one by one."""

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Flush a file's content to the disk."""
    _sync(path)


def sync_folder(path: Path) -> None:
    """Flush a folder's entries, so that a new or renamed file in it keeps its name."""
    _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
