"""Objects as sealed files in a folder, by obstore."""

import asyncio
import hashlib
import os
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from runtime.objects.protocol import ObjectMissing, ObjectsUnavailable
from runtime.sealing.protocol import Sealing, SealingError


class FolderObjects:
    """The `Objects` protocol on a folder of this machine."""

    def __init__(self, folder: Path, sealing: Sealing) -> None:
        self._folder = folder
        self._sealing = sealing
        self._store = LocalStore(folder, mkdir=True)

    async def put(self, data: bytes) -> str:
        """Store durably: the file and its folder entry are flushed before this returns."""
        key = hashlib.sha256(data).hexdigest()
        path = _path(key)
        if await asyncio.to_thread((self._folder / path).exists):
            return key
        sealed = self._sealing.seal_bytes(data, subject=key, field="object")
        try:
            await obstore.put_async(self._store, path, sealed)
            await asyncio.to_thread(_flush, self._folder / path)
        except (BaseError, OSError) as error:
            raise ObjectsUnavailable(f"{self._folder}: an attachment cannot be stored: {error}") from error
        return key

    async def get(self, key: str) -> bytes:
        """The content, opened."""
        try:
            result = await obstore.get_async(self._store, _path(key))
            sealed = bytes(await result.bytes_async())
            return self._sealing.open_bytes(sealed, subject=key, field="object")
        except (BaseError, OSError, SealingError) as error:
            raise ObjectMissing(f"object {key}: {error}") from error


def _path(key: str) -> str:
    return f"{key[:2]}/{key[2:]}"


def _flush(path: Path) -> None:
    # obstore renames a finished file into place but leaves the flush to the system's leisure.
    for target in (path, path.parent, path.parent.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
