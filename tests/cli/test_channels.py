"""`muara channels list` and `show`."""

import json
from pathlib import Path

import connectors
from tests.cli.conftest import Run
from tests.outside import refused

CHANNELS = Path(connectors.__file__).parent / "channels"


def test_lists_what_comes_with_it_and_what_the_home_has(cli: Run, fresh: Path) -> None:
    text = (CHANNELS / "opd_webhook.yaml").read_text(encoding="utf-8")
    (fresh / "channels" / "puskesmas.yaml").write_text(text.replace("channel: opd_webhook", "channel: puskesmas", 1))
    done = cli("channels", "list", "--home", fresh, "--json")
    assert (done.returncode, done.err) == (0, "")
    rows = json.loads(done.out)
    names = {path.stem for path in CHANNELS.glob("*.yaml")}
    assert [row["channel"] for row in rows] == sorted(names | {"puskesmas"})
    assert all(row["examples"] >= 4 for row in rows)
    shown = cli("channels", "list").out
    assert all(name in shown for name in names)
    assert "puskesmas" not in shown


def test_shows_what_a_channel_needs(cli: Run) -> None:
    done = cli("channels", "show", "whatsapp_cloud")
    assert (done.returncode, done.err) == (0, "")
    assert "secrets: app_secret, verify_token" in done.out
    assert "secrets: none" in cli("channels", "show", "email").out
    found = json.loads(cli("channels", "show", "whatsapp_cloud", "--json").out)
    assert list(found) == ["recipe", "hash", "examples"]
    assert all(each["passed"] for each in found["examples"])


def test_an_example_that_does_not_hold_is_told(cli: Run, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    text = (CHANNELS / "kecamatan_csv.yaml").read_text(encoding="utf-8")
    draft.write_text(text.replace("telepon: 0811-0000-0031", "telepon: 0811-0000-0039", 1), encoding="utf-8")
    done = cli("channels", "show", draft)
    assert done.returncode == 1
    assert "+6281100000039" in done.out
    found = json.loads(cli("channels", "show", draft, "--json").out)
    assert [each["passed"] for each in found["examples"]].count(False) == 1


def test_what_is_wrong_is_said_in_words(cli: Run, tmp_path: Path) -> None:
    refused(cli("channels", "show", "whatsap"), "there is no channel 'whatsap'", "whatsapp_cloud")
    (tmp_path / "draft.yaml").write_text("chanel: x\n")
    refused(cli("channels", "show", tmp_path / "draft.yaml"), "draft.yaml", "channel")
    refused(cli("channels", "lst"), "No such command 'lst'")
