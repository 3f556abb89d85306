"""What is said so that nobody has to guess: which version this is, and which files were passed over."""

import json
from importlib.metadata import version
from pathlib import Path

from tests.cli.conftest import Run
from tests.outside import refused


def test_which_version_this_is(cli: Run) -> None:
    done = cli("--version")
    assert (done.returncode, done.err) == (0, "")
    assert done.out.startswith(f"muara {version('muara')}, Python 3.")


def test_files_that_are_passed_over_are_named(cli: Run, tmp_path: Path) -> None:
    folder = tmp_path / "payloads"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "config").write_text("x")
    (folder / ".DS_Store").write_text("x")
    (folder / "gone.json").symlink_to(tmp_path / "nowhere.json")
    body = {"id": "1", "isi": "Lampu jalan mati", "pelapor": {"nama": "Siti Contoh"}}
    (folder / "one.json").write_text(json.dumps(body))
    done = cli("channels", "parse", "opd_webhook", "--payload", folder, "--json")
    assert done.returncode == 0
    (message,) = [json.loads(line) for line in done.out.splitlines()]
    assert message["file"] == "one.json"
    assert done.err.splitlines() == [
        f"skipped {folder}/.DS_Store: its name begins with a dot",
        f"skipped {folder}/.git: its name begins with a dot",
        f"skipped {folder}/gone.json: it points to {tmp_path}/nowhere.json, which is not there",
    ]
    (folder / "one.json").unlink()
    done = cli("channels", "parse", "opd_webhook", "--payload", folder)
    assert done.returncode == 2
    assert "holds no files" in refused(done, "gone.json")
