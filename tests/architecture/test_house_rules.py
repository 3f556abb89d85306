"""Rules of the house that no linter knows."""

import ast
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from recipes.library import load_channel

ROOMS = ("connectors", "dispatcher", "muara", "normalizer", "portal", "recipes", "runtime", "sandbox", "schemas")
LONGEST = 350
"""Lines of a module. What is longer holds more than one idea."""

OWN_HOSTS = re.compile(
    r"(^|\.)(example|test|invalid|localhost)$|(^|\.)example\.(com|net|org)$|^[^.]+$|^(\d{1,3}\.){3}\d{1,3}$"
)
"""Names that nobody can own (RFC 2606), names without a dot, addresses."""
KNOWN_HOSTS = {
    "api.telegram.org": "where the files of a bot are fetched",
    "api.twilio.com": "where the files of a Twilio account are fetched",
    "goo.gl": "links to maps, which citizens send",
    "graph.facebook.com": "where the files of a WhatsApp number are asked for",
    "jmespath.org": "the language of expressions",
    "json-schema.org": "the name of the dialect",
    "login.microsoftonline.com": "where a mailbox at Microsoft 365 is let in; an agency pastes it",
    "maps.apple.com": "links to maps",
    "maps.app.goo.gl": "links to maps",
    "maps.google.com": "links to maps",
    "mycompany.com": "in the worked example of a signature that a provider publishes",
    "ns.adobe.com": "the name with which XMP begins within a picture",
    "oauth2.googleapis.com": "where a mailbox at Google is let in; an agency pastes it",
    "outlook.office365.com": "the same for Microsoft 365, as the scope",
    "schemas.openxmlformats.org": "in the names of office documents' properties",
    "wa.me": "links to WhatsApp, which footers hold",
    "waze.com": "links to maps",
    "www.apache.org": "in the licence",
    "www.google.co.id": "links to maps",
    "www.google.com": "links to maps",
    "www.lapor.go.id": "SP4N's public site",
    "www.openstreetmap.org": "links to maps",
}
URL_HOST = re.compile(r"\b[a-z][a-z0-9+]*://(?:[^\s/@'\"]+@)?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)")
MACHINE = re.compile(r"(?<![\w.}*-])/(?:home|Users|root|work|mnt|media)/[\w.]+")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")
BINARY = {".png", ".jpg", ".xlsx", ".db", ".gz"}


def modules(root: Path) -> list[Path]:
    return [file for room in ROOMS for file in sorted((root / room).rglob("*.py"))]


def texts(tracked: Sequence[Path]) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8", errors="replace") for path in tracked if path.suffix not in BINARY}


def test_a_module_holds_one_idea(root: Path) -> None:
    lengths = {
        str(file.relative_to(root)): len(file.read_text(encoding="utf-8").splitlines()) for file in modules(root)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_every_package_says_what_it_is_for(root: Path) -> None:
    inits = [file for file in modules(root) if file.name == "__init__.py"]
    assert len(inits) >= len(ROOMS)
    silent = [file for file in inits if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))]
    assert silent == []


def test_only_the_command_line_prints(root: Path) -> None:
    found = [
        f"{file.relative_to(root)}:{node.lineno}"
        for file in modules(root)
        if file.relative_to(root).parts[0] != "muara"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == [], "services log; only muara/ speaks to a terminal"


def test_nothing_names_a_host_that_is_not_ours_to_name(root: Path, tracked: Sequence[Path]) -> None:
    found = [
        f"{path.relative_to(root)}: {host}"
        for path, text in texts(tracked).items()
        for host in URL_HOST.findall(text)
        if not OWN_HOSTS.search(host.lower()) and host.lower() not in KNOWN_HOSTS
    ]
    assert found == [], "use a name under .example, or list the host above with its reason"


def test_nothing_depends_on_one_machine(root: Path, tracked: Sequence[Path]) -> None:
    found = [
        f"{path.relative_to(root)}: {match}" for path, text in texts(tracked).items() for match in MACHINE.findall(text)
    ]
    assert found == []


def test_each_revision_of_the_tables_has_a_number_of_its_own(root: Path) -> None:
    numbers = Counter((file.parent, file.name[:4]) for room in ROOMS for file in (root / room).rglob("versions/0*.py"))
    assert len(numbers) > 10
    assert [f"{folder.relative_to(root)}/{number}" for (folder, number), files in numbers.items() if files > 1] == []


def test_nothing_is_left_unfinished(root: Path, tracked: Sequence[Path]) -> None:
    found = [
        f"{path.relative_to(root)}: {match}"
        for path, text in texts(tracked).items()
        for match in UNFINISHED.findall(text)
        if path.name != "constraints.txt"
    ]
    assert found == []


def test_the_rules_see_what_they_forbid() -> None:
    assert URL_HOST.findall("get https:" + "//user:pw@mirror.real-host.org:8443/x") == ["mirror.real-host.org"]
    assert not OWN_HOSTS.search("mirror.real-host.org")
    assert MACHINE.search("cd /ho" + "me/budi/muara")
    assert not MACHINE.search("/var/lib/muara, docs/wo" + "rk/x, {home}/ro" + "ot/x")


def shipped(root: Path) -> list[Path]:
    return sorted((root / "connectors" / "channels").glob("*.yaml"))


def test_every_shipped_channel_carries_its_examples(root: Path) -> None:
    assert len(shipped(root)) >= 5
    for file in shipped(root):
        covers = [example.covers for example in load_channel(file).recipe.examples]
        assert len(covers) >= 4, f"{file.name}: four examples at least: ordinary, malformed, …"
        assert len(covers) == len(set(covers)), f"{file.name}: each example covers something else"


@pytest.mark.parametrize("name", [".ci/run", "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile"])
def test_the_papers_are_there(root: Path, name: str) -> None:
    assert (root / name).stat().st_size > 200


def test_links_between_pages_lead_somewhere(root: Path, tracked: Sequence[Path]) -> None:
    link = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in tracked
        if page.suffix == ".md"
        for target in link.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []
