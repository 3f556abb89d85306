"""`muara hubs check|try|doc`: what a profile does, before a hub gets a complaint."""

import asyncio
import io
import json
import sys
from pathlib import Path

import pytest

from sandbox.hub.server import HubSimulation
from sandbox.other_hubs.legacy import LegacyHub
from tests.cli.conftest import Run, rewrite
from tests.outside import Done, refused

OLD = (
    "hubs:\n  lama:\n    profile: lapor_legacy\n    url: {url}\n    secrets: {{token: LAMA_TOKEN}}\n    mode: {mode}\n"
)
ENV = {"LAMA_TOKEN": "kunci-lama"}
OWN = """
name: sendiri
title: A profile of our own
create: {method: POST, path: /x, body: {isi: private.text}}
answer: {tracking_id: body.id}
examples:
  - {name: one, covers: ordinary, operation: create, answer: {status: 200, body: {id: 1}}, expect: {outcome: dead}}
"""


def named(home: Path, url: str, mode: str = "shadow") -> Path:
    rewrite(home, "hubs: {}", OLD.format(url=url, mode=mode))
    return home


async def elsewhere(cli: Run, *arguments: str | Path, env: dict[str, str] | None = None) -> Done:
    """A command, while a simulation runs in this thread."""
    return await asyncio.to_thread(lambda: cli(*arguments, env=env))


def test_a_page_says_what_a_profile_sends_and_what_answers_mean(cli: Run, fresh: Path, tmp_path: Path) -> None:
    page = cli("hubs", "doc", "open311", "--home", fresh)
    assert (page.returncode, page.err) == (0, "")
    for words in (
        "# open311: GeoReport v2",
        "`jurisdiction`, `services`, `service`, `contact_email`",
        "POST /requests.json",
        "service_code=PJU",
        "| 404 | stop |",
        "it is parked for a person",
        "everything at this hub is public",
    ):
        assert words in page.out
    assert "new token" not in page.out  # a fixed key cannot be renewed
    assert {each["profile"] for each in cli("hubs", "doc", "--home", fresh, "--json").json()} == {
        "lapor_legacy", "open311", "sandbox",
    }  # fmt: skip
    assert cli("hubs", "doc", "lapor_legacy", "--json", "--home", tmp_path).json()["auth"]["secret"] == "token"
    refused(cli("hubs", "doc", "opn311", "--home", fresh), "there is no hub or profile 'opn311'", "open311")


def test_examples_are_run_wherever_a_profile_lies(cli: Run, fresh: Path, tmp_path: Path) -> None:
    done = cli("hubs", "check", "--offline", "--home", fresh)
    assert (done.returncode, done.err) == (0, "")
    assert done.out.count("examples hold") == 3
    own = tmp_path / "sendiri.yaml"
    own.write_text(OWN, encoding="utf-8")
    wrong = cli("hubs", "check", own, "--home", tmp_path)
    assert wrong.returncode == 1
    assert "outcome: expected 'dead', found 'done'" in wrong.out
    own.write_text(OWN.replace("private.text", "privat..text"), encoding="utf-8")
    refused(cli("hubs", "check", own, "--home", tmp_path), f"{own}:4: create.body.isi", "neither a path")


def test_what_a_hub_posts_is_shown_and_its_address_told(cli: Run, fresh: Path, tmp_path: Path) -> None:
    hub = (
        "hubs:\n  sp4n: {profile: sandbox, url: 'http://127.0.0.1:1', secrets: {token: T, webhook: W}, poll_every: 0}\n"
    )
    rewrite(fresh, "hubs: {}", hub)
    shown = cli("hubs", "try", "sp4n", "--operation", "webhook", "--home", fresh, "--json").json()
    assert [(each["state"], each["words"]) for each in shown["found"]][-1] == ("closed", "Selesai")
    post = tmp_path / "post.json"
    post.write_text('{"perubahan": [{"nomor": 1}]}', encoding="utf-8")
    wrong = cli("hubs", "try", "sandbox", "--operation", "webhook", "--document", post, "--home", fresh)
    assert (wrong.returncode, "1 changes cannot be read" in wrong.out) == (1, True)
    refused(cli("hubs", "try", "open311", "--operation", "webhook", "--home", fresh), "has no `webhook:`")
    for env, words in (
        ({"T": "t", "W": "w"}, "/hubs/sp4n/changes (give that to the hub's people); it is not asked"),
        ({"T": "t"}, 'nothing is taken from it: set its secret "webhook" or `poll_every`'),
    ):
        assert words in cli("hubs", "check", "sp4n", "--home", fresh, env=env).out
    page = cli("hubs", "doc", "sandbox", "--home", fresh).out
    assert "the HMAC-SHA256 of the body, hex, in the header `X-Simulasi-Tanda`" in page


async def test_a_hub_is_asked_something_harmless(cli: Run, fresh: Path, tmp_path: Path) -> None:
    async with LegacyHub("kunci-lama") as old:
        named(fresh, old.url)
        well = await elsewhere(cli, "hubs", "check", "lama", "--home", fresh, "--json", env=ENV)
        assert (well.returncode, [each["ok"] for each in well.json()]) == (0, [True, True])
        assert "tables.topics was understood" in well.json()[1]["words"]
        wrong = await elsewhere(cli, "hubs", "check", "lama", "--home", fresh, env={"LAMA_TOKEN": "salah"})
        assert wrong.returncode == 1
        assert "correct the secret (403)" in wrong.out
        assert "salah" not in wrong.said
        assert old.reports == []
        rows = (await elsewhere(cli, "hubs", "table", "lama", "--home", fresh, "--json", env=ENV)).json()
        assert {"code": "11", "title": "Penerangan jalan", "parent": "1"} in rows
        assert (
            "Penerangan jalan"
            in (await elsewhere(cli, "hubs", "table", "lama", "topics", "--home", fresh, env=ENV)).out
        )
        refused(await elsewhere(cli, "hubs", "table", "lama", "x", "--home", fresh, env=ENV), "use one of topics")
    refused(await elsewhere(cli, "hubs", "table", "lama", "--home", fresh, env=ENV), "cannot be reached")
    gone = await elsewhere(cli, "hubs", "check", "lama", "--home", fresh, env=ENV)
    assert gone.returncode == 1
    assert "cannot be reached" in gone.out
    unset = await elsewhere(cli, "hubs", "check", "lama", "--home", fresh)
    assert unset.returncode == 1
    assert 'needs the secret "token"' in unset.out


def test_an_invented_complaint_is_shown_and_not_sent(cli: Run, fresh: Path, tmp_path: Path) -> None:
    named(fresh, "http://127.0.0.1:9")
    done = cli("hubs", "try", "lama", "--home", fresh, env=ENV)
    assert (done.returncode, done.err) == (0, "")
    assert "POST http://127.0.0.1:9/api/stream/addstream" in done.out
    assert "(added when it is sent: token)" in done.out
    assert "kunci-lama" not in done.said
    given = tmp_path / "aduan.json"
    given.write_text(json.dumps({"complaint": {"rahasia": True}, "private": {"text": "Rahasia"}}), encoding="utf-8")
    shown = cli("hubs", "try", "lapor_legacy", "--document", given, "--home", fresh, "--json").json()
    assert '<laporan rahasia="1" anonim="0"><isi>Rahasia</isi></laporan>' in shown["body"]
    assert shown["secrets_added_at_sending"] == ["token"]
    refused(cli("hubs", "try", "open311", "--document", given, "--home", fresh), "everything at this hub is public")
    refused(cli("hubs", "try", "lama", "--operation", "update", "--home", fresh), 'has no operation "update"')
    refused(cli("hubs", "try", "lama", "--operation", "hapus", "--home", fresh), "use create, update or comment")
    refused(cli("hubs", "try", "lama", "--document", tmp_path / "x.json", "--home", fresh), "there is no such file")
    given.write_text("[]", encoding="utf-8")
    refused(cli("hubs", "try", "lama", "--document", given, "--home", fresh), 'an object with "complaint"')


async def test_a_trial_is_sent_only_after_a_question_and_never_to_a_hub_in_service(
    cli: Run, fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with HubSimulation(tmp_path / "hub.db", token="t", admin_token="a") as hub:
        settings = f"hubs: {{uji: {{profile: sandbox, url: '{hub.url}', secrets: {{token: T}}, mode: shadow}}}}"
        rewrite(fresh, "hubs: {}", settings)
        command = ("hubs", "try", "uji", "--send", "--home", fresh)
        for answer, reports, code in (("n\n", 0, 1), ("y\n", 1, 0)):
            monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
            done = await elsewhere(cli, *command, env={"T": "t"})
            assert (done.returncode, (await hub.summary()).reports) == (code, reports), done.said
        assert "done: 91" in done.out
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        wrong = await elsewhere(cli, *command, env={"T": "x"})
        assert wrong.returncode == 1
        assert "stop (the hub refuses our credentials" in wrong.out
        rewrite(fresh, "mode: shadow", "mode: send")
        said = (await elsewhere(cli, *command, env={"T": "t"})).err
        assert "in service (mode: send)" in said
        assert (await hub.summary()).reports == 1
    assert "no address to send to" in cli("hubs", "try", "sandbox", "--send", "--home", tmp_path).err
