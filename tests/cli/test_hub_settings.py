"""What `muara.yaml` says of a hub's news and of its clock, and what becomes of it."""

from datetime import date
from pathlib import Path

import pytest

from dispatcher.hub import Hub
from muara.config import load_config
from muara.home import Home
from muara.parts import build_hubs
from recipes.document import DocumentError

HOME = """
agency: kota-contoh
zone: Asia/Makassar
deadlines: {{forward: 2, resolve: 20}}
hubs:
  sp4n:
    profile: {profile}
    url: https://hub.example
    secrets: {{token: T, webhook: [BARU, LAMA]}}
    {more}
"""


def built(folder: Path, more: str, profile: str = "sandbox") -> Hub:
    (folder / "muara.yaml").write_text(HOME.format(profile=profile, more=more), encoding="utf-8")
    return build_hubs(Home(folder), load_config(folder))["sp4n"]


def test_a_hub_takes_over_what_it_does_not_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = built(tmp_path, "deadlines: {resolve: 10, days_off: [2026-12-31], field_check: [jalan_jembatan]}").deadlines
    assert rules is not None
    assert (rules.forward, rules.follow_up, rules.resolve, rules.resolve_information) == (2, 5, 10, 5)
    assert (rules.close, rules.resolve_field_check, rules.approaching) == (10, 60, 1)
    assert rules.field_check == {"jalan_jembatan"}
    assert not rules.calendar.is_working(date(2026, 12, 31))
    assert rules.calendar.is_working(date(2026, 12, 24))
    joint = built(tmp_path, "deadlines: {joint_leave: true}").deadlines
    assert joint is not None
    assert not joint.calendar.is_working(date(2026, 12, 24))
    assert built(tmp_path, "deadlines: null").deadlines is None


def test_only_a_hub_of_which_news_are_heard_is_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BARU", "LAMA"):
        monkeypatch.delenv(name, raising=False)
    assert built(tmp_path, "mode: send", profile="lapor_legacy").deadlines is None
    silent = built(tmp_path, "poll_every: 0")
    assert (silent.polled, silent.pushes, silent.deadlines) == (False, False, None)
    monkeypatch.setenv("BARU", "b")
    monkeypatch.setenv("LAMA", "l")
    posting = built(tmp_path, "poll_every: 0")
    assert (posting.polled, posting.push_secrets) == (False, ("b", "l"))
    assert posting.deadlines is not None
    assert "'b'" not in repr(posting), "secrets stand in no log"


def test_a_category_that_there_is_not_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r'muara.yaml:10: .*there is no category "jalan_rusak"'):
        built(tmp_path, "deadlines: {field_check: [jalan_rusak]}")
