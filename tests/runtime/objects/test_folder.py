"""Objects in a folder: durable, sealed, once, and honest about what is missing and what is only away."""

# ruff: noqa: ASYNC240 - a test may wait for a file

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import obstore
import pytest

from runtime.objects.folder import FolderObjects
from runtime.objects.protocol import ObjectMissing, ObjectsUnavailable
from runtime.sealing.sealer import Sealer

SEALER = Sealer(b"k" * 32)
DATA = b"foto lubang di jalan" * 100
KEY = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def objects(folder: Path) -> FolderObjects:
    return FolderObjects(folder, SEALER)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("data", [b"", b"\x00", DATA, b"x" * 6_000_000], ids=len)
async def test_what_was_put_comes_back(objects: FolderObjects, folder: Path, data: bytes) -> None:
    key = await objects.put(data)
    assert key == hashlib.sha256(data).hexdigest()
    assert await objects.get(key) == data
    (file,) = files(folder)
    assert len(data) < 20 or data[:20] not in file.read_bytes()


async def test_the_same_content_is_kept_once(objects: FolderObjects, folder: Path) -> None:
    assert await objects.put(DATA) == KEY
    (file,) = files(folder)
    before = file.read_bytes()
    assert await objects.put(DATA) == KEY
    assert files(folder) == [file]
    assert file.read_bytes() == before


async def test_the_same_content_at_the_same_moment(objects: FolderObjects, folder: Path) -> None:
    assert set(await asyncio.gather(*(objects.put(DATA) for _ in range(20)))) == {KEY}
    assert len(files(folder)) == 1
    assert await objects.get(KEY) == DATA


async def test_content_is_on_the_disk_before_its_name_is(
    objects: FolderObjects, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that outlives a power cut without its content would stand for a lost attachment, for ever."""
    order: list[str] = []

    def noting(name: str, function: Callable[..., None]) -> Callable[..., None]:
        def call(path: Path) -> None:
            order.append(f"{name} {path.relative_to(folder).parts[0] if path != folder else '.'}")
            function(path)

        return call

    rename = obstore.rename_async

    async def renaming(*args: object) -> None:
        order.append("rename")
        await rename(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("runtime.objects.folder.sync_file", noting("file", _sync))
    monkeypatch.setattr("runtime.objects.folder.sync_folder", noting("folder", _sync))
    monkeypatch.setattr("obstore.rename_async", renaming)
    await objects.put(DATA)
    assert order == ["file incoming", "rename", f"folder {KEY[:2]}", "folder ."]
    order.clear()
    await objects.put(DATA)  # its first writer may have been killed before it flushed the name
    assert order == [f"folder {KEY[:2]}", "folder ."]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


async def test_a_missing_object(objects: FolderObjects) -> None:
    with pytest.raises(ObjectMissing, match=f"object {KEY} is not in .*restore it from a backup"):
        await objects.get(KEY)


@pytest.mark.parametrize("remnant", [b"", b"x", b"x" * 1000])
async def test_a_damaged_object_is_missing_until_it_comes_again(
    objects: FolderObjects, folder: Path, remnant: bytes
) -> None:
    await objects.put(DATA)
    files(folder)[0].write_bytes(remnant)
    with pytest.raises(ObjectMissing, match="altered"):
        await objects.get(KEY)
    await objects.put(DATA)
    assert await objects.get(KEY) == DATA


async def test_an_object_under_another_name_does_not_open(objects: FolderObjects, folder: Path) -> None:
    await objects.put(DATA)
    other = hashlib.sha256(b"lain").hexdigest()
    (folder / other[:2]).mkdir(exist_ok=True)
    files(folder)[0].rename(folder / other[:2] / other[2:])
    with pytest.raises(ObjectMissing):
        await objects.get(other)


async def test_another_key_opens_nothing(objects: FolderObjects, folder: Path) -> None:
    await objects.put(DATA)
    with pytest.raises(ObjectMissing, match="another key"):
        await FolderObjects(folder, Sealer(b"j" * 32)).get(KEY)


@pytest.mark.parametrize(
    "key", ["", "..", "../../etc/passwd", "/etc/passwd", KEY.upper(), f"{KEY}\n", KEY[:-1], "é" * 64]
)
async def test_what_is_no_key_is_looked_up_nowhere(objects: FolderObjects, key: str) -> None:
    with pytest.raises(ObjectMissing, match="is no key of an object"):
        await objects.get(key)


async def test_a_folder_that_is_away_is_no_proof_of_loss(objects: FolderObjects, folder: Path) -> None:
    await objects.put(DATA)
    away = folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(ObjectsUnavailable, match="cannot be read: is the disk full or read-only, or the folder away"):
        await objects.get(KEY)
    away.rename(folder)
    assert await objects.get(KEY) == DATA


async def test_a_full_disk_stores_nothing_and_leaves_nothing(
    objects: FolderObjects, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("runtime.objects.folder.sync_file", full)
        with pytest.raises(ObjectsUnavailable, match=r"cannot be stored: is the disk full .*No space left on device"):
            await objects.put(DATA)
    assert files(folder) == []
    assert await objects.put(DATA) == KEY


async def test_a_place_that_cannot_be_written(objects: FolderObjects, folder: Path) -> None:
    folder.joinpath("incoming").write_text("a file where a folder should be")
    with pytest.raises(ObjectsUnavailable, match="cannot be stored"):
        await objects.put(DATA)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ObjectsUnavailable, match="cannot be used"):
        FolderObjects(tmp_path / "file" / "objects", SEALER)


def test_what_a_killed_process_left_half_done_goes_after_a_day(folder: Path) -> None:
    (folder / "incoming").mkdir(parents=True)
    old, young = folder / "incoming" / "old", folder / "incoming" / "young"
    for file in (old, young):
        file.write_bytes(b"x")
    os.utime(old, (0, 0))
    FolderObjects(folder, SEALER)
    assert files(folder) == [young]
