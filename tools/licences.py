"""The licence gate: `python -m tools.licences`.

Muara is given to agencies under Apache-2.0, so nothing that it needs at run time may be under a licence of the GPL
family, or under one that nobody has read. What only development needs is not looked at.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

from tools.constraints import closure, requirements

ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BlueOak-1.0.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "HPND",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
        "Python-2.0",
        "Unicode-3.0",
        "Unlicense",
        "Zlib",
    }
)
"""SPDX names. MPL-2.0 binds changes to its own files only, which we do not make."""

SPELLINGS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "the mit license": "MIT",
    "the unlicense (unlicense)": "Unlicense",
    "zlib/libpng license": "Zlib",
}
"""What packages without an SPDX expression write, in lower case, and what they mean."""

TOKEN = re.compile(r"\(|\)|[^\s()]+")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A package that must not be needed at run time."""

    package: str
    asker: str
    """Who needs it."""
    licence: str
    """What its metadata says."""

    def __str__(self) -> str:
        """The sentence for people."""
        return (
            f"{self.package} (needed by {self.asker}) is under {self.licence!r}, which is not on the list of"
            " allowed licences. Take another package; or, when it is permissive, add its SPDX name to tools/licences.py"
        )


def stated(found: PackageMetadata) -> str:
    """What a package's metadata says of its licence: the expression, else the classifiers, else the free text."""
    for expression in found.get_all("License-Expression") or []:
        return str(expression)
    classifiers = [line for line in found.get_all("Classifier") or [] if line.startswith("License ::")]
    names = [line.rpartition(" :: ")[2] for line in classifiers]
    names = [name for name in names if name != "OSI Approved"]
    text = "".join(found.get_all("License") or []).strip()
    if text and "\n" not in text and allowed(text):
        return text  # more exact than "BSD License"
    if names:
        # Several may mean a choice, or parts under different ones; the stricter reading is safe.
        return " AND ".join(SPELLINGS.get(name.lower(), name) for name in names)
    return text.partition("\n")[0] or "nothing"


def allowed(expression: str) -> bool:
    """Whether an SPDX expression, or one of the common spellings, leaves us a licence that we may use."""
    known = SPELLINGS.get(expression.strip().lower(), expression)
    tokens = TOKEN.findall(known)
    try:
        verdict, rest = _either(tokens)
    except IndexError:
        return False
    return verdict and not rest


def _either(tokens: list[str]) -> tuple[bool, list[str]]:
    verdict, rest = _both(tokens)
    while rest and rest[0].upper() == "OR":
        other, rest = _both(rest[1:])
        verdict = verdict or other
    return verdict, rest


def _both(tokens: list[str]) -> tuple[bool, list[str]]:
    verdict, rest = _one(tokens)
    while rest and rest[0].upper() == "AND":
        other, rest = _one(rest[1:])
        verdict = verdict and other
    return verdict, rest


def _one(tokens: list[str]) -> tuple[bool, list[str]]:
    if tokens[0] == "(":
        verdict, rest = _either(tokens[1:])
        return (verdict, rest[1:]) if rest and rest[0] == ")" else (False, rest)
    rest = tokens[1:]
    if rest and rest[0].upper() == "WITH":  # an exception only ever allows more
        return tokens[0] in ALLOWED, rest[2:]
    return tokens[0] in ALLOWED, rest


def refusals(needed: Iterable[tuple[str, str]], known: Mapping[str, PackageMetadata]) -> Iterator[Refusal]:
    """The packages among (name, who needs it) that must not be there. One without metadata is refused as well."""
    for name, asker in needed:
        licence = stated(known[name]) if name in known else "unknown: it is not installed, run `make install`"
        if not allowed(licence):
            yield Refusal(name, asker, licence)


def main() -> int:
    """Looks at all that Muara needs at run time; the exit code is 0 when all may be used."""
    needed = sorted(closure(requirements(Path(__file__).parent.parent / "pyproject.toml")).values())
    known = {}
    for name, _ in needed:
        try:
            known[name] = metadata(name)
        except PackageNotFoundError:
            continue
    refused = list(refusals(needed, known))
    for refusal in refused:
        sys.stderr.write(f"licences: {refusal}\n")
    if not refused:
        sys.stdout.write(f"licences: {len(needed)} packages needed at run time, all of them usable\n")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
