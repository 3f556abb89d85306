"""Keeps constraints.txt: `python -m tools.constraints check|write`.

The file pins every package that `.[dev]` needs, by name and version alone: no addresses, no editable lines, so that it
means the same wherever packages come from.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.+!_-]+)$")


def requirements(project: Path, *, extras: Iterable[str] = ()) -> list[Requirement]:
    """What pyproject.toml asks for, with those extras."""
    table = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    lines = [*table["dependencies"]]
    for extra in extras:
        lines += table["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def wanted(requirement: Requirement, extras: Iterable[str] = ()) -> bool:
    """Whether a requirement counts on this platform, when a package is asked for with those extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def closure(asked: Iterable[Requirement]) -> dict[str, tuple[str, str]]:
    """Everything that the requirements need: canonical name → (name, who asked for it).

    A package that is not installed stands in it all the same; whoever reads it finds out.
    """
    found: dict[str, tuple[str, str]] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    ahead = [(requirement, "pyproject.toml") for requirement in asked if wanted(requirement)]
    while ahead:
        requirement, asker = ahead.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        found.setdefault(name, (requirement.name, asker))
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        ahead += [(need, name) for need in map(Requirement, needs) if wanted(need, requirement.extras)]
    return found


def pins(lines: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Reads the file: canonical name → version, and what is wrong with single lines."""
    read: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = PIN.match(text)
        if match is None:
            problems.append(
                f"line {number}: {text!r} is not `name==version`; no addresses, no options, no editable lines"
            )
        elif canonicalize_name(match[1]) in read:
            problems.append(f"line {number}: {match[1]} is pinned twice")
        else:
            read[canonicalize_name(match[1])] = match[2]
    return read, problems


def disagreements(pinned: Mapping[str, str], asked: Iterable[Requirement]) -> Iterator[str]:
    """Where pins, pyproject.toml and the environment say different things."""
    asked = list(asked)
    needed = closure(asked)
    for name, (shown, asker) in sorted(needed.items()):
        if name not in pinned:
            yield f"{shown} (needed by {asker}) is not pinned; run `make lock`"
            continue
        try:
            installed = distribution(name).version
        except PackageNotFoundError:
            yield f"{shown} (needed by {asker}) is not installed; run `make install`"
            continue
        if Version(installed) != Version(pinned[name]):
            yield f"{shown} {installed} is installed, {pinned[name]} is pinned; run `make install` (or `make lock`)"
    for name in sorted(pinned.keys() - needed.keys()):
        yield f"{name} is pinned, but nothing needs it; run `make lock`"
    for requirement in asked:
        version = pinned.get(canonicalize_name(requirement.name))
        if version is not None and not requirement.specifier.contains(version, prereleases=True):
            yield f"{requirement} is asked for, but {version} is pinned"


def check() -> list[str]:
    """What is wrong with constraints.txt, in sentences."""
    pinned, problems = pins((ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())
    return [*problems, *disagreements(pinned, requirements(ROOT / "pyproject.toml", extras=["dev"]))]


def write() -> list[str]:
    """Writes constraints.txt from what is installed; returns what stands against it."""
    needed = closure(requirements(ROOT / "pyproject.toml", extras=["dev"]))
    lines = []
    for name, (shown, asker) in needed.items():
        try:
            found = distribution(name)
        except PackageNotFoundError:
            return [f"{shown} (needed by {asker}) is not installed; run `make install` first. Nothing was written."]
        lines.append(f"{found.name}=={found.version}")
    (ROOT / "constraints.txt").write_text("\n".join(sorted(lines, key=str.lower)) + "\n", encoding="utf-8")
    return []


def main(arguments: list[str]) -> int:
    """Runs one of the two; the exit code is 0 when all is well."""
    actions = {"check": check, "write": write}
    if len(arguments) != 1 or arguments[0] not in actions:
        sys.stderr.write("usage: python -m tools.constraints check|write\n")
        return 2
    problems = actions[arguments[0]]()
    for problem in problems:
        sys.stderr.write(f"constraints: {problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
