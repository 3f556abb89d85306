"""`muara init`: a home, and its key."""

import stat
from pathlib import Path

import pytest

from muara.config import load_config
from muara.home import Home
from tests.cli.conftest import Run
from tests.outside import refused


def test_makes_a_home_that_can_be_used_at_once(cli: Run, tmp_path: Path) -> None:
    done = cli("init", tmp_path / "a" / "b", "--agency", "dinas-pu")
    assert done.returncode == 0, done.said
    assert load_config(tmp_path / "a" / "b").agency == "dinas-pu"
    assert sorted(each.name for each in (tmp_path / "a" / "b").iterdir()) == ["channels", "master.key", "muara.yaml"]


def test_only_its_owner_can_read_the_key(fresh: Path) -> None:
    assert stat.S_IMODE((fresh / "master.key").stat().st_mode) == 0o600


def test_tells_to_back_the_key_up_and_what_comes_next(cli: Run, tmp_path: Path) -> None:
    said = cli("init", tmp_path / "home").out
    assert "Back the key up now, apart from the data" in said
    assert Home(tmp_path / "home").sealer().key_id in said
    assert f"muara check --home {tmp_path / 'home'}" in said
    assert (tmp_path / "home" / "master.key").read_text().strip() not in said


def test_two_homes_have_different_keys(cli: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        cli("init", tmp_path / name)
    assert (tmp_path / "a" / "master.key").read_bytes() != (tmp_path / "b" / "master.key").read_bytes()


def test_a_home_that_exists_is_refused_and_stays(cli: Run, fresh: Path) -> None:
    before = {path: path.read_bytes() for path in fresh.rglob("*") if path.is_file()}
    refused(cli("init", fresh, "--agency", "other"), "is a home already", "not overwritten")
    assert {path: path.read_bytes() for path in fresh.rglob("*") if path.is_file()} == before


def test_a_key_that_is_there_is_never_overwritten(cli: Run, fresh: Path) -> None:
    key = (fresh / "master.key").read_bytes()
    (fresh / "muara.yaml").unlink()
    done = cli("init", fresh)
    assert done.returncode == 0
    assert "is there already and stays" in done.out
    assert (fresh / "master.key").read_bytes() == key


def test_the_key_that_is_named_is_the_files_whatever_the_environment_has(cli: Run, tmp_path: Path) -> None:
    done = cli("init", tmp_path / "home", env={"MUARA_MASTER_KEY": "ab" * 32})
    assert Home(tmp_path / "home").sealer().key_id in done.out


def test_data_without_its_configuration_is_refused(cli: Run, fresh: Path) -> None:
    (fresh / "data").mkdir()
    (fresh / "muara.yaml").unlink()
    refused(cli("init", fresh), "restore muara.yaml from its backup")
    assert not (fresh / "muara.yaml").exists()


@pytest.mark.parametrize("agency", ["Dinas PU", "", "-pu", "dinas/pu", "é", 'a"b', "a\nb", "x" * 64])
def test_an_agency_that_is_no_slug_is_refused_in_words(cli: Run, tmp_path: Path, agency: str) -> None:
    refused(cli("init", tmp_path / "home", "--agency", agency), "is no slug", "such as dinas-pu")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("agency", ["null", "1", "on", "dinas_pu", "x" * 63])
def test_an_agency_stays_the_text_that_it_is(cli: Run, tmp_path: Path, agency: str) -> None:
    assert cli("init", tmp_path / "home", "--agency", agency).returncode == 0
    assert load_config(tmp_path / "home").agency == agency


def test_a_file_where_the_home_should_be(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    refused(cli("init", tmp_path / "home"), "home", "name a folder")
