"""The master key as a person keeps it: 64 hex digits in a file that only its owner can read, or in the environment."""

import os
import secrets
from pathlib import Path

from runtime.durable import sync_folder
from runtime.sealing.protocol import SealingError
from runtime.sealing.sealer import KEY_BYTES, Sealer

ENVIRONMENT = "MUARA_MASTER_KEY"


def make_key(path: Path) -> None:
    """Write a new key to a file that did not exist, readable by its owner alone.

    Raises:
        FileExistsError: a key is there; it is never overwritten, since everything sealed with it would be lost.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except BaseException:
        path.unlink()  # half a key, which nothing was sealed with yet, would stand in the way of a whole one
        raise


def load_sealer(path: Path, environment: str | None = None) -> Sealer:
    """The sealer of the key in the environment's value, or else in the file.

    Raises:
        SealingError: no key, or something that is no key; says what to do.
    """
    if environment:
        return Sealer(_parse(environment, f"the environment variable {ENVIRONMENT}"))
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise SealingError(
            f"{path}: no master key. `muara init` makes one; an existing home needs its own, from its backup,"
            f" or set {ENVIRONMENT}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SealingError(f"{path}: the master key cannot be read: {error}") from error
    return Sealer(_parse(text, str(path)))


def _parse(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError as error:
        raise SealingError(
            f"{where}: a master key is {KEY_BYTES * 2} hex digits; restore it from its backup"
        ) from error
    if len(key) != KEY_BYTES:
        raise SealingError(f"{where}: a master key is {KEY_BYTES * 2} hex digits, this has {len(text.strip())}")
    return key
