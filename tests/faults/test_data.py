"""Databases that are gone, locked, read-only, foreign; a disk that is full. Said in words, and nothing is lost."""

import asyncio
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.conftest import FIRST, House
from tests.outside import Done, Running, muara, refused, start, until, whatsapp

SECOND = "Sampah di Pasar Lama menumpuk dua minggu"
THIRD = "Jembatan kayu di RT 03 lapuk dan berbahaya"


async def _goes_on(house: House) -> None:
    """After the cause is gone: everything is there, and the next message comes through."""
    with start(house.place) as running:
        await running.ready()
        assert await whatsapp(house.place.url, house.place.secret, SECOND) == 200
        found = await house.place.rest(2)
    assert found.balanced, (found.faults, [c for c in found.checks if not c.holds])
    assert await house.reports() == 2


def _remove(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        if not file.name.endswith(".id"):
            file.unlink()


def _up(house: House, *, unprivileged: bool = False) -> Done:
    return muara("up", "--home", house.place.home, env=house.place.scene.secrets, unprivileged=unprivileged)


async def _try(house: House, words: str) -> str:
    """One try of a provider; empty when it is taken."""
    try:
        code = await whatsapp(house.place.url, house.place.secret, words)
    except httpx.TransportError as error:
        return repr(error)
    return "" if code == 200 else str(code)


async def test_the_store_is_gone(lived: House) -> None:
    store = lived.place.home / "data" / "store.db"
    _remove(store)
    words = refused(await asyncio.to_thread(_up, lived), str(store), "restore it from its backup", "store.db.id")
    refused(await asyncio.to_thread(muara, "audit", "--home", lived.place.home), "gone")
    assert "read from the log again" in words
    store.with_name("store.db.id").unlink()
    with start(lived.place) as running:
        await running.ready()
        assert await _try(lived, FIRST) == "", "a provider comes again"
        assert await _try(lived, THIRD) == ""
        found = await lived.place.rest(2)
    assert found.balanced, (found.faults, [c for c in found.checks if not c.holds])
    assert found.terms["delivered"] + found.terms["adopted"] == 2
    assert await lived.reports() == 2


async def test_the_log_is_gone(lived: House) -> None:
    log = lived.place.home / "data" / "log.db"
    aside = lived.place.home / "aside.db"
    shutil.move(log, aside)
    _remove(log)
    refused(await asyncio.to_thread(_up, lived), str(log), "restore it from its backup", "log.db.id", "lost")
    refused(await asyncio.to_thread(muara, "audit", "--home", lived.place.home), "gone")
    assert not log.exists(), "a look must not make an empty log"
    shutil.move(aside, log)
    await _goes_on(lived)


async def test_the_log_is_removed_while_it_is_used(house: House) -> None:
    log = house.place.home / "data" / "log.db"
    with start(house.place) as running:
        await running.ready()
        assert await _try(house, FIRST) == ""
        await house.place.rest(1)
        log.rename(log.with_name("elsewhere.db"))
        assert await _try(house, SECOND) == "503"
        running.kill()
    assert "removed or replaced" in running.said()
    log.with_name("elsewhere.db").rename(log)
    with start(house.place):
        await until(lambda: _try(house, SECOND), "it is not taken")
        found = await house.place.rest(2)
    assert found.balanced
    assert await house.reports() == 2


@pytest.mark.parametrize("file", ["log.db", "store.db"])
async def test_something_else_lies_there(lived: House, file: str) -> None:
    path = lived.place.home / "data" / file
    content = path.read_bytes()
    path.write_bytes(b"This is no database, but some text of another program. " * 100)
    refused(await asyncio.to_thread(_up, lived), str(path), "restore it from a backup")
    refused(await asyncio.to_thread(muara, "audit", "--home", lived.place.home), str(path))
    path.write_bytes(content)
    await _goes_on(lived)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_the_log_is_locked_by_another_program(house: House) -> None:
    with start(house.place) as running:
        await running.ready()
        with _locked(house.place.home / "data" / "log.db"):
            assert await _try(house, FIRST) == "503"
        await until(lambda: _try(house, FIRST), "it is not taken")
        found = await house.place.rest(1)
    assert found.balanced
    assert await house.reports() == 1


async def test_the_store_is_locked_by_another_program(house: House) -> None:
    with start(house.place) as running:
        await running.ready()
        with _locked(house.place.home / "data" / "store.db"):
            assert await _try(house, FIRST) == "", "accepting needs the log only"
        found = await house.place.rest(1)
    assert found.balanced
    assert await house.reports() == 1


@pytest.mark.parametrize("what", ["data", "log.db", "store.db"])
async def test_it_may_not_write(lived: House, what: str) -> None:
    data = lived.place.home / "data"
    with _read_only(data if what == "data" else data / what):
        done = await asyncio.to_thread(_up, lived, unprivileged=True)
    refused(done, str(data), "right to")
    await _goes_on(lived)


async def test_it_may_not_make_its_data(house: House) -> None:
    with _read_only(house.place.home):
        done = await asyncio.to_thread(_up, house, unprivileged=True)
        checked = await asyncio.to_thread(muara, "check", "--home", house.place.home, unprivileged=True)
    refused(done, str(house.place.home), "right to")
    assert checked.returncode == 1
    assert "no  data:" in checked.out


@contextmanager
def _read_only(path: Path) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        path.chmod(before)


def test_init_may_not_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    refused(muara("init", tmp_path / "home", unprivileged=True), str(tmp_path), "right to")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def _small_disk(home: Path) -> Iterator[Path]:
    """The home's data on a disk of its own of some megabytes, where this user may mount one."""
    data = home / "data"
    data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(data)], check=False, capture_output=True
    )
    try:
        yield data
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", str(data)], check=True)


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as open_file:
        while True:
            open_file.write(b"\0" * 4096)


@contextmanager
def _full(data: Path, running: Running) -> Iterator[None]:
    """Nothing more can be written: the disk has no room, or else no file may grow."""
    filler = data / "filler"
    if data.is_mount():
        with pytest.raises(OSError, match="No space left"):
            _fill(filler)
        yield
        filler.unlink()
    else:
        before = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        yield
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, before)


async def test_the_disk_is_full(house: House) -> None:
    long = "Genangan air di Jalan Kenanga setinggi lutut. " * 400
    with _small_disk(house.place.home) as data, start(house.place) as running:
        await running.ready()
        assert await _try(house, FIRST) == ""
        await house.place.rest(1)
        with _full(data, running):
            assert await _try(house, long) == "503"
        await until(lambda: _try(house, long), "it is not taken when there is room again")
        found = await house.place.rest(2)
        assert found.balanced, (found.faults, [c for c in found.checks if not c.holds])
        assert await house.reports() == 2
        assert "free space" in running.said() or "free some space" in running.said()
        assert await running.stop() == 0
