"""`muara sources`, beside a home that has received something, and proofs of requests of our own."""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qsl

import pytest

from connectors.source import Source
from connectors.webhook.trial import is_trial, trial_body
from muara.signing import UnknownProof, signed_body, signed_headers
from recipes.signature_model import Signature
from recipes.signatures import Signed, verify
from tests.cli.conftest import Run, commands, query
from tests.outside import refused


def test_sources_are_shown_paused_and_resumed(cli: Run, home: Path) -> None:
    found = {each["source"]: each for each in cli("sources", "list", "--home", home, "--json").json()}
    busy = max(found.values(), key=lambda each: int(each["messages"]))
    assert busy["messages"] >= 5
    assert busy["last_at"] is not None
    assert {each["state"] for each in found.values()} <= {"receiving", "waiting", "failing"}
    name = busy["source"]
    done = cli("sources", "pause", name, "--reason", "nomor diganti", "--home", home)
    assert (done.returncode, "paused as soon as a running Muara sees it" in done.said) == (0, True)
    assert cli("sources", "resume", name, "--home", home).returncode == 0
    ordered = [(each.action, each.subject, each.reason) for each in commands(home)[-2:]]
    assert ordered == [("pause_source", name, "nomor diganti"), ("resume_source", name, None)]
    refused(cli("sources", "pause", "tidak-ada", "--home", home), "there is no source 'tidak-ada'", name)
    query(home, "UPDATE connectors_sources SET paused = 'nomor diganti' WHERE source = ?", name)
    assert "paused: nomor" in cli("sources", "list", "--home", home).said
    # A home whose tables an older version made.
    query(home, "DROP TABLE connectors_sources")
    older = cli("sources", "list", "--home", home, "--json").json()
    assert {(each["state"], each["messages"]) for each in older} == {("waiting", 0)}


def test_a_source_is_tried(cli: Run, tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    assert cli("init", folder, "--agency", "kota-contoh").returncode == 0
    with closing(sqlite3.connect(folder / "opd.db")) as agency:
        agency.execute("CREATE TABLE lain (id INTEGER)")
    (folder / "muara.yaml").write_text(
        "agency: kota-contoh\nhttp: {port: 1}\nsources:\n"
        "  opd: {channel: opd_webhook, secrets: {api_key: OPD}}\n"
        "  berkas: {channel: laporan_csv, settings: {folder: tidak-ada}}\n"
        "  tabel: {channel: opd_table, settings: {database: 'sqlite:///DATABASE', table: t, key: id}}\n".replace(
            "DATABASE", str(folder / "opd.db")
        ),
        encoding="utf-8",
    )
    env = {"OPD": "kunci-rahasia"}
    shown = cli("sources", "test", "opd", "--curl", "--home", folder, env=env)
    assert shown.returncode == 0, shown.said
    assert "http://127.0.0.1:1/in/opd" in shown.said
    assert "muara_test" in shown.said
    for name, given, words in (
        ("opd", env, "does not answer (ConnectError): is Muara running there?"),
        ("opd", None, 'has no secret "api_key"'),
        ("berkas", None, "is no folder"),
        ("tabel", None, "FAIL"),
    ):
        done = cli("sources", "test", name, "--home", folder, env=given)
        assert (done.returncode, words in done.said) == (1, True), done.said


@pytest.mark.parametrize(
    "given",
    [
        {"scheme": "token", "header": "X-Key", "prefix": "Bearer "},
        {"scheme": "token", "query": "kunci"},
        {"scheme": "basic"},
        {"scheme": "meta"},
        {"scheme": "telegram"},
        {"scheme": "hmac_sha1_base64", "header": "X-Sign"},
        {"scheme": "hmac", "header": "X-Sign", "timestamp": "X-Time", "signs": "{timestamp}.{body}"},
        {"scheme": "hmac", "header": "X-Sign", "signs": "{url}{body}", "encoding": "base64url"},
        {"scheme": "standard_webhooks"},
        {"scheme": "twilio"},
        {"scheme": "vonage"},
        {"scheme": "mailgun"},
    ],
    ids=str,
)
def test_our_own_requests_are_proved(given: dict[str, Any]) -> None:
    source = cast("Source", SimpleNamespace(id="surel"))
    signature = Signature.model_validate({**given, "secret": "kunci"})
    url = "https://muara.example/in/x"
    body = signed_body(signature, lambda _: ["a3VuY2k="], trial_body(source))
    asked, headers = signed_headers(signature, lambda _: ["a3VuY2k="], body, url)
    lower = {name.lower(): value for name, value in headers.items()}
    request = Signed(body, "application/json", lower, dict(parse_qsl(asked.removeprefix("?"))), url + asked)
    assert verify(signature, lambda _: ["a3VuY2k="], request)
    assert not verify(signature, lambda _: ["bGFpbg=="], request)
    assert is_trial(source, body)
    assert not is_trial(cast("Source", SimpleNamespace(id="lain")), body)


@pytest.mark.parametrize("body", [b'{"muara_test": "surel", "text": "x"}', b'{"muara_test": "surel", ', b"{}"])
def test_what_only_looks_like_a_test_is_a_message(body: bytes) -> None:
    assert not is_trial(cast("Source", SimpleNamespace(id="surel")), body)


def test_a_proof_that_cannot_be_made_here_is_said() -> None:
    signature = Signature.model_construct(scheme=cast("Any", "scheme-of-tomorrow"), secret="kunci")
    with pytest.raises(UnknownProof, match="only be made by its provider"):
        signed_headers(signature, lambda _: ["k"], b"{}", "https://muara.example/in/x")
