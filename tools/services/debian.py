"""Programs from Debian's packages: installed when we are root, else unpacked into the user's cache."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from tools.services.missing import PartMissing
from tools.services.places import cache
from tools.services.processes import run

_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def program(name: str, packages: str, part: str) -> tuple[Path, dict[str, str]]:
    """A program and the environment it needs: from the path, or by getting Debian packages first.

    Raises:
        PartMissing: it is not here and cannot be got.
    """
    if found := shutil.which(name):
        return Path(found), {}
    how = f"Install it (Debian, as root: apt-get update && apt-get install {packages}) and run again."
    if not shutil.which("apt-get"):
        raise PartMissing(part, f"there is no {name} on the path, and no apt-get to get it by", how)
    if os.geteuid() == 0:
        install(packages, part)
        if found := shutil.which(name):
            return Path(found), {}
        raise PartMissing(part, f"apt-get installed {packages}, but there is still no {name}", how)
    root = unpack(packages, part)
    for folder in ("usr/bin", "usr/sbin", "bin"):
        if (root / folder / name).exists():
            return (root / folder / name).resolve(), {"LD_LIBRARY_PATH": _libraries(root)}
    raise PartMissing(part, f"the packages {packages} have no {name}", how)


def install(packages: str, part: str) -> None:
    """As root: `apt-get update`, then install.

    Raises:
        PartMissing: apt-get refused.
    """
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages.split()],
    ):
        code, output = run(command, environment=_QUIET)
        if code:
            raise PartMissing.after(
                part, " ".join(command), output, "Mend that, or install the packages by hand, and run again."
            )


def unpack(packages: str, part: str) -> Path:
    """Without root: download packages, with what they need and this machine lacks, and unpack them. Done once.

    Raises:
        PartMissing: apt-get or dpkg refused.
    """
    target = cache() / f"debian-{packages.replace(' ', '-')}"
    if target.is_dir():
        return target
    how = f"Ask an administrator: apt-get update && apt-get install {packages}. Then run again."
    code, plan = run(["apt-get", "install", "-s", "--no-install-recommends", *packages.split()], environment=_QUIET)
    if code:
        raise PartMissing.after(part, f"apt-get install -s {packages}", plan, how)
    wanted = re.findall(r"^Inst (\S+)", plan, flags=re.MULTILINE) or packages.split()
    with tempfile.TemporaryDirectory(dir=cache(), prefix="unpack-") as work:
        debs, root = Path(work) / "debs", Path(work) / "root"
        debs.mkdir()
        root.mkdir()
        code, output = run(["apt-get", "download", *wanted], folder=debs)
        if code:
            raise PartMissing.after(part, f"apt-get download {packages}", output, how)
        for deb in sorted(debs.glob("*.deb")):
            code, output = run(["dpkg", "-x", str(deb), str(root)])
            if code:
                raise PartMissing.after(part, f"dpkg -x {deb.name}", output, how)
        _relink(root)
        if not target.exists():  # another run may have been quicker
            root.rename(target)
    return target


def _relink(root: Path) -> None:
    """Symbolic links to absolute paths lead outside: let them lead into the unpacked tree where it has the target."""
    for path in root.rglob("*"):
        if path.is_symlink() and (goal := str(path.readlink())).startswith("/") and (root / goal[1:]).exists():
            path.unlink()
            path.symlink_to(os.path.relpath(root / goal[1:], path.parent))


def _libraries(root: Path) -> str:
    folders = {str(found.parent) for found in root.glob("usr/lib/**/*.so*")} | {
        str(found.parent) for found in root.glob("lib/**/*.so*")
    }
    return ":".join([*sorted(folders), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])])
