"""Objects as sealed files in a folder, by obstore."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore

from runtime.durable import sync_file, sync_folder
from runtime.objects.naming import key_of, path_of
from runtime.objects.protocol import ObjectMissing, ObjectsUnavailable
from runtime.sealing.protocol import Sealing, SealingError

_INCOMING = "incoming"
"""Folder of what is not whole and flushed yet."""
_ABANDONED = 24 * 3600
"""Seconds after which a file there belongs to a process that was killed."""


class FolderObjects:
    """The `Objects` protocol on a folder of this machine."""

    def __init__(self, folder: Path, sealing: Sealing) -> None:
        """Raises `ObjectsUnavailable` when the folder cannot be made."""
        self._folder = folder
        self._sealing = sealing
        try:
            self._store = LocalStore(folder, mkdir=True)
            self._sweep()
        except (BaseError, OSError) as error:
            raise ObjectsUnavailable(_words(folder, "cannot be used", error)) from error

    async def put(self, data: bytes) -> str:
        """Store durably: content first, then the name, so that no power cut leaves half an object under its key.

        What is there already is not written again, unless it is damaged.
        """
        key = await asyncio.to_thread(key_of, data)
        try:
            if await self._stands(key):
                return key
            sealed = await asyncio.to_thread(self._sealing.seal_bytes, data, subject=key, field="object")
            incoming = f"{_INCOMING}/{uuid4()}"
            try:
                await obstore.put_async(self._store, incoming, sealed)
                await asyncio.to_thread(sync_file, self._folder / incoming)
                await obstore.rename_async(self._store, incoming, path_of(key))
            except BaseException:
                (self._folder / incoming).unlink(missing_ok=True)
                raise
            await asyncio.to_thread(self._sync_name, key)
        except (BaseError, OSError) as error:
            raise ObjectsUnavailable(_words(self._folder, "an attachment cannot be stored", error)) from error
        return key

    async def get(self, key: str) -> bytes:
        """The content, opened."""
        path_of(key)
        try:
            return await self._read(key)
        except SealingError as error:
            raise ObjectMissing(f"object {key}: {error}") from error
        except (BaseError, OSError) as error:
            # A folder that is not there (not mounted, say) is no proof that its objects are gone.
            if isinstance(error, NotFoundError | FileNotFoundError) and self._folder.is_dir():
                raise ObjectMissing(f"object {key} is not in {self._folder}: restore it from a backup") from error
            raise ObjectsUnavailable(_words(self._folder, "an attachment cannot be read", error)) from error

    async def _read(self, key: str) -> bytes:
        result = await obstore.get_async(self._store, path_of(key))
        sealed = bytes(await result.bytes_async())
        return await asyncio.to_thread(self._sealing.open_bytes, sealed, subject=key, field="object")

    async def _stands(self, key: str) -> bool:
        try:
            await self._read(key)
        except (NotFoundError, FileNotFoundError, SealingError):
            return False
        # Whoever wrote it may have been killed before its name was flushed.
        await asyncio.to_thread(self._sync_name, key)
        return True

    def _sync_name(self, key: str) -> None:
        folder = (self._folder / path_of(key)).parent
        sync_folder(folder)
        sync_folder(folder.parent)

    def _sweep(self) -> None:
        incoming = self._folder / _INCOMING
        if incoming.is_dir():
            for file in incoming.iterdir():
                with suppress(FileNotFoundError):  # another process is done with it by now
                    if file.stat().st_mtime < time.time() - _ABANDONED:
                        file.unlink()


def _words(folder: Path, what: str, error: Exception) -> str:
    return f"{folder}: {what}: is the disk full or read-only, or the folder away? ({str(error).splitlines()[0]})"
