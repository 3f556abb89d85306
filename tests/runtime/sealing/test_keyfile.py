"""The master key's file: for its owner's eyes, never overwritten, and errors that say what to do."""

import os
import stat
from pathlib import Path

import pytest

from runtime.sealing.keyfile import load_sealer, make_key
from runtime.sealing.protocol import SealingError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "master.key"


def test_a_new_key_works_and_is_its_owners_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        make_key(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = load_sealer(path).seal(b"x", subject="s", field="f")
    assert load_sealer(path).open(token, subject="s", field="f") == b"x"


def test_two_keys_differ(path: Path, tmp_path: Path) -> None:
    make_key(path)
    make_key(tmp_path / "other.key")
    assert load_sealer(path).key_id != load_sealer(tmp_path / "other.key").key_id


def test_a_key_is_never_overwritten(path: Path) -> None:
    make_key(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        make_key(path)
    assert path.read_bytes() == before


def test_a_key_that_could_not_be_written_leaves_no_remnant(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            make_key(path)
    assert not path.exists()
    make_key(path)
    load_sealer(path)


def test_the_environment_outranks_the_file(path: Path) -> None:
    make_key(path)
    assert (
        load_sealer(path, "ab" * 32).key_id == load_sealer(path, f" {'AB' * 32}\n").key_id != load_sealer(path).key_id
    )
    assert load_sealer(path, "").key_id == load_sealer(path).key_id


def test_no_key_at_all(path: Path) -> None:
    with pytest.raises(SealingError, match="`muara init` makes one; an existing home needs its own, from its backup"):
        load_sealer(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"ab" * 31, b"ab" * 33, b"zz" * 32, b"\xff\xfe" * 32])
def test_something_that_is_no_key(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(SealingError, match="master key") as caught:
        load_sealer(path)
    assert content.decode("latin-1").strip() in ("", "\n") or content.decode("latin-1") not in str(caught.value)


def test_a_wrong_key_in_the_environment_is_named_as_such(path: Path) -> None:
    with pytest.raises(SealingError, match="the environment variable MUARA_MASTER_KEY: a master key is 64 hex digits"):
        load_sealer(path, "kunci")


def test_a_key_that_cannot_be_read(path: Path) -> None:
    path.mkdir()
    with pytest.raises(SealingError, match="the master key cannot be read"):
        load_sealer(path)
