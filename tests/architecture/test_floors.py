"""The floors hold: in imports, and in strings, which the import linter cannot see."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

PIPELINE = {"connectors", "normalizer", "dispatcher", "portal"}
MAY_KNOW: dict[str, set[str]] = {
    "schemas": set(),
    "recipes": {"schemas"},
    "runtime": {"schemas"},
    **{room: {"schemas", "recipes", "runtime"} for room in PIPELINE},
    "sandbox": {"schemas", "recipes", "runtime"},
    "muara": {"schemas", "recipes", "runtime", "sandbox", *PIPELINE},
}
LOADERS = {
    "__import__",
    "contents",
    "files",
    "find_loader",
    "find_spec",
    "get_data",
    "import_module",
    "is_resource",
    "open_binary",
    "open_text",
    "path",
    "read_binary",
    "read_text",
    "resolve_name",
    "run_module",
}
"""Functions of importlib, pkgutil and runpy that take a package's name."""
JOINERS = {"Path", "PurePath", "join", "joinpath"}


def test_the_import_contracts_hold(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    assert lint_imports(config_filename=str(root / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


def test_every_room_stands_under_the_contracts(root: Path) -> None:
    outside = {"tests", "tools", "benchmarks"}
    rooms = {init.parent.name for init in root.glob("*/__init__.py")} - outside
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert rooms == set(MAY_KNOW)
    assert set(project["tool"]["importlinter"]["root_packages"]) == rooms
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == rooms


def called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def strings(nodes: list[ast.expr]) -> Iterator[ast.Constant]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        elif isinstance(node, ast.JoinedStr):
            yield from strings(list(node.values))


def named(tree: ast.Module, root: Path) -> Iterator[tuple[int, str]]:
    """Lines with a string that names a package: given to a loader, joined to a path, or naming a module of ours."""
    for node in ast.walk(tree):
        places: list[ast.Constant] = []
        if isinstance(node, ast.Call) and called(node) in LOADERS | JOINERS:
            places = list(strings([*node.args, *(keyword.value for keyword in node.keywords)]))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            places = list(strings([node.left, node.right]))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.partition(":")[0].split(".")
            if len(words) > 1 and all(word.isidentifier() for word in words):
                module = root.joinpath(*words)
                if module.is_dir() or module.with_suffix(".py").is_file():
                    places = [node]
        for place in places:
            parts = str(place.value).replace("/", ".").replace(":", ".").split(".")
            yield from ((place.lineno, part) for part in parts[:1] if part in MAY_KNOW)
            # A path may lead through the parent: `Path(__file__).parent.parent / "connectors" / …`, or "../connectors".
            yield from ((place.lineno, part) for part in parts[1:] if part in MAY_KNOW and "/" in str(place.value))


def test_no_module_names_a_room_above_or_beside_it_in_a_string(root: Path) -> None:
    found = []
    for room, known in MAY_KNOW.items():
        for file in sorted((root / room).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            found += [
                f"{file.relative_to(root)}:{line}: names {name}"
                for line, name in sorted(set(named(tree, root)))
                if name not in known | {room}
            ]
    assert not found, "\n".join(["let the wiring in muara/ hand it over instead:", *found])


@pytest.mark.parametrize(
    "code",
    [
        'from importlib.resources import files\nfiles("connectors")',
        'importlib.import_module("connectors.channels")',
        'importlib.resources.files(package="connectors")',
        'Path(__file__).parent.parent / "connectors" / "channels"',
        'Path("../connectors/channels")',
        'Path(__file__).parent.joinpath("..", "connectors")',
        'os.path.join(root, "connectors")',
        'APP = "connectors.service"',
        'APP = "connectors.service:Connectors"',
        'pkgutil.get_data("connectors", "channels/email.yaml")',
        'root / f"connectors/{name}.yaml"',
    ],
)
def test_a_name_in_a_string_is_seen(code: str, root: Path) -> None:
    assert {name for _, name in named(ast.parse(code), root)} == {"connectors"}


@pytest.mark.parametrize(
    "code",
    [
        'stage = "connectors"',
        'log.info("connectors.started")',
        '"""Speaks of connectors/ in words."""',
        "import connectors",
        'share = total / "3"',
    ],
)
def test_words_are_not_taken_for_names(code: str, root: Path) -> None:
    assert list(named(ast.parse(code), root)) == []
