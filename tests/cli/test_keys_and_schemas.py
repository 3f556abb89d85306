"""`muara keys new` and `muara schemas export`."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from muara.config import load_config
from portal.keys import Keys
from tests.cli.conftest import Run, rewrite
from tests.outside import refused


def made(cli: Run, name: str) -> tuple[str, str]:
    """A key, and the line for muara.yaml."""
    done = cli("keys", "new", "--", name)
    assert (done.returncode, done.err) == (0, "")
    lines = done.out.splitlines()
    return lines[1].strip(), lines[3]


@pytest.mark.parametrize("name", ["Dashboard Diskominfo", 'O\'Brien "x"', "a: {b}, #c", "é\t😀", "1", "-n", "x" * 200])
def test_a_key_works_as_soon_as_its_entry_is_pasted(cli: Run, fresh: Path, name: str) -> None:
    key, entry = made(cli, name)
    rewrite(fresh, "http: {", f"keys:\n{entry}\nhttp: {{")
    found = Keys(load_config(fresh).keys).find(key)
    assert found is not None
    assert found.name == name
    assert key not in (fresh / "muara.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("identity", ["123456789012", "12345e678901", "012345678901"])
def test_an_id_that_looks_like_a_number_stays_an_id(
    cli: Run, fresh: Path, identity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.keys.secrets.token_hex", lambda _: identity)
    key, entry = made(cli, "Dinas")
    rewrite(fresh, "http: {", f"keys:\n{entry}\nhttp: {{")
    assert Keys(load_config(fresh).keys).find(key) is not None


def test_every_key_is_another(cli: Run) -> None:
    assert made(cli, "a") != made(cli, "a")


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_a_name_that_is_none(cli: Run, name: str) -> None:
    refused(cli("keys", "new", name), "1 to 200 characters")


def test_schemas_are_written_and_valid(cli: Run, tmp_path: Path) -> None:
    done = cli("schemas", "export", tmp_path / "a" / "b")
    assert (done.returncode, done.err) == (0, "")
    paths = [Path(line) for line in done.out.splitlines()]
    assert sorted(paths) == sorted(path for path in (tmp_path / "a" / "b").rglob("*") if path.is_file())
    titles = set()
    for path in paths:
        schema = json.loads(path.read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        titles.add(schema["title"])
    assert {"RawComplaint", "Complaint"} <= titles
    before = {path: path.read_bytes() for path in paths}
    assert cli("schemas", "export", tmp_path / "a" / "b").returncode == 0
    assert {path: path.read_bytes() for path in paths} == before


def test_a_file_where_the_schemas_should_be(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    refused(cli("schemas", "export", tmp_path / "x"), "is a file: name a folder")
    refused(cli("schemas", "export", tmp_path / "x" / "y"), "name a folder")
    refused(cli("schemas", "export"), "Missing argument")
