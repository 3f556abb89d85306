"""From what a sender sends to a recipe that reads it: new, test, record, schema, doc."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.checks import TRANSPORTS
from muara.recording import NoPlaceForExamples, Recorder, append_examples
from recipes.drafting.invented import Invented
from recipes.drafting.writing import write_recipe
from recipes.examples import run_examples
from recipes.library import load_channel
from tests.cli.conftest import Run

BODY = {
    "ticketNo": "PDAM-77",
    "submitted": "25/11/2026 07.30",
    "customer": {"fullName": "Budi Laksana", "mobile": "+62 812 9988 7766"},
    "complaintText": "Air mati sejak semalam di gang Mawar, hubungi Budi Laksana",
}
SAMPLES = {
    "aduan.json": json.dumps(BODY),
    "aduan.txt": "id=5&pesan=Jalan+rusak+parah+di+depan+pasar&pengirim=081299887766&waktu=2026-11-25+07:00:00",
    "aduan.xml": "<?xml version='1.0'?><aduan><nomor>A/1</nomor><tanggal>2026-11-25T07:00:00+07:00</tanggal><pelapor>"
    "<nama>Budi Laksana</nama></pelapor><uraian>Lampu jalan padam di depan rumah Budi Laksana</uraian></aduan>",
    "buku.csv": "No;Tgl Aduan;Nama Pelapor;No HP;Isi Aduan\n1;25 November 2026;Budi Laksana;0812-9988-7766;Sampah\n",
}


@pytest.mark.parametrize("file", SAMPLES)
def test_a_draft_works_at_once_and_names_nobody(cli: Run, tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text(SAMPLES[file], encoding="utf-8")
    recipe = tmp_path / "dinas.yaml"
    done = cli("channels", "new", "dinas", "--from", tmp_path / file, "--output", recipe, "--json")
    assert done.returncode == 0, done.err
    assert {"text", "sent_at", "external_id"} <= json.loads(done.out)["guesses"].keys()
    assert cli("channels", "test", recipe).returncode == 0
    text = recipe.read_text(encoding="utf-8")
    assert "Laksana" not in text
    assert "9988" not in text
    parsed = cli("channels", "parse", recipe, "--payload", tmp_path / file, "--json")
    assert json.loads(parsed.out)["outcome"] == "accepted", parsed.out
    assert json.loads((tmp_path / ".recipe.schema.json").read_text(encoding="utf-8"))["title"].startswith(
        "A channel recipe"
    )
    again = cli("channels", "new", "dinas", "--from", tmp_path / file, "--output", recipe)
    assert (again.returncode, "is there already" in again.err) == (2, True)


def test_what_does_not_hold_is_shown_side_by_side(cli: Run, tmp_path: Path) -> None:
    recipe = tmp_path / "dinas.yaml"
    (tmp_path / "a.json").write_text(json.dumps(BODY), encoding="utf-8")
    cli("channels", "new", "dinas", "--from", tmp_path / "a.json", "--output", recipe)
    recipe.write_text(
        recipe.read_text(encoding="utf-8").replace("external_id: PDAM-77", "external_id: PDAM-78"), encoding="utf-8"
    )
    done = cli("channels", "test", recipe)
    assert done.returncode == 1
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    at = lines.index("item 1: external_id")
    assert lines[at + 1 : at + 3] == ["expected 'PDAM-78'", "found 'PDAM-77'"]
    recipe.write_text("channel: dinas\nreceive: {transprot: webhook}\n", encoding="utf-8")
    wrong = cli("channels", "test", recipe)
    assert (wrong.returncode, "transprot" in wrong.out) == (1, True)


@pytest.mark.parametrize(
    ("words", "content", "said"),
    [
        (["Dinas!"], "{}", "use lower-case letters"),
        (["email"], "{}", "there is a channel 'email' already"),
        (["dinas"], '{"a": ', "is not JSON"),
        (["dinas"], "", "is empty"),
        (["dinas"], '{"status": "ok"}', "looks like a complaint"),
        (["dinas", "--transport", "smtp"], json.dumps(BODY), "use webhook, files or sql"),
    ],
)
def test_what_cannot_be_drafted_is_said(cli: Run, tmp_path: Path, words: list[str], content: str, said: str) -> None:
    sample = tmp_path / "a.json"
    sample.write_text(content, encoding="utf-8")
    done = cli("channels", "new", *words, "--from", sample, "--home", tmp_path)
    assert (done.returncode, said in done.err, done.out) == (2, True, ""), done.err


def test_a_page_and_a_schema(cli: Run) -> None:
    page = cli("channels", "doc", "fonnte")
    assert (page.returncode, page.out.startswith("# WhatsApp (Fonnte)")) == (0, True)
    assert json.loads(cli("channels", "schema").out)["$defs"]["Expression"]["anyOf"]


async def _sent(recorder: Recorder, *bodies: Any) -> list[httpx.Response]:  # noqa: ANN401 what JSON can say
    transport = httpx.ASGITransport(recorder.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://muara.example") as client:
        return [await client.post("/in/apa-saja", json=body, headers={"X-Kunci": "rahasia-sekali"}) for body in bodies]


async def test_real_requests_become_examples_without_the_people_and_the_keys(tmp_path: Path) -> None:
    said: list[str] = []
    recorder = Recorder(said.append, count=2)
    answers = await _sent(recorder, BODY, {**BODY, "ticketNo": "PDAM-78", "complaintText": "Pipa bocor besar sekali"})
    assert {answer.status_code for answer in answers} == {200}
    assert recorder.enough.is_set()
    assert "x-kunci" in said[0]
    assert not any("rahasia-sekali" in line for line in said)
    recipe = tmp_path / "pdam.yaml"
    text, _ = write_recipe("pdam", recorder.samples, transport="webhook", invented=recorder.invented)
    recipe.write_text(text, encoding="utf-8")

    # Later requests are added to what is there, whoever wrote it and however it is indented.
    channel = load_channel(recipe, TRANSPORTS)
    more = Recorder(said.append, channel)
    await _sent(more, {**BODY, "ticketNo": "PDAM-79"})
    assert append_examples(recipe, channel, more.samples, Invented()) == 1
    channel = load_channel(recipe, TRANSPORTS)
    assert [example.name for example in channel.recipe.examples] == ["recorded 1", "recorded 2", "recorded 3"]
    assert all(result.passed for result in run_examples(channel))
    for secret in ("Laksana", "9988", "rahasia-sekali"):
        assert secret not in recipe.read_text(encoding="utf-8")

    flat = tmp_path / "datar.yaml"
    flat.write_text(
        "channel: datar\ntitle: Datar\nreceive: {transport: webhook}\nmap: {text: complaintText}\nexamples:\n"
        "- name: x\n  covers: x\n  payload: {complaintText: Lampu mati}\n  expect: [{outcome: accepted}]\n",
        encoding="utf-8",
    )
    assert append_examples(flat, load_channel(flat, TRANSPORTS), more.samples, Invented()) == 1
    assert len(load_channel(flat, TRANSPORTS).recipe.examples) == 2
    moved = flat.read_text(encoding="utf-8").replace("channel: datar\n", "") + "channel: datar\n"
    flat.write_text(moved, encoding="utf-8")
    with pytest.raises(NoPlaceForExamples, match="move `examples:` to the end"):
        append_examples(flat, load_channel(flat, TRANSPORTS), more.samples, Invented())


async def test_what_cannot_be_an_example_is_answered_and_told() -> None:
    said: list[str] = []
    recorder = Recorder(said.append)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(recorder.app), base_url="http://muara.example"
    ) as client:
        assert (await client.get("/", params={"hub.mode": "subscribe", "hub.challenge": "731"})).text == "731"
        assert (await client.post("/", content=b"\x00\x01\x02")).status_code == 200
        assert (await client.post("/", content=b"x" * 5_000_000)).status_code == 413
        assert (
            await client.get("/", params={"from": "081200000000", "text": "Lampu jalan mati lagi"})
        ).status_code == 200
    assert [sample.kind for sample in recorder.samples] == ["form"]
    assert sum("not recorded" in line for line in said) == 2


def test_the_indonesian_guide_works_as_it_stands(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "membuat-kanal.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(json|yaml|sh)\n(.*?)```", guide, re.DOTALL)
    sample = next(text for kind, text in blocks if kind == "json")
    source = next(text for kind, text in blocks if kind == "yaml")
    commands = [
        line.partition("#")[0].split()[1:]
        for kind, text in blocks if kind == "sh"
        for line in text.splitlines() if line.startswith("muara channels")
    ]  # fmt: skip
    home = tmp_path / "muara"
    assert cli("init", home, "--agency", "kota-contoh").returncode == 0
    monkeypatch.chdir(home)
    (home / "keluhan.json").write_text(sample, encoding="utf-8")
    assert [words[1] for words in commands] == ["new", "test", "parse"]
    for words in commands:
        done = cli(*(word for word in words if word != "--watch"))
        assert done.returncode == 0, done.said
    assert done.out.startswith("accepted")
    written = (home / "muara.yaml").read_text(encoding="utf-8")
    assert written.count("sources: {}\n") == 1
    (home / "muara.yaml").write_text(written.replace("sources: {}\n", source), encoding="utf-8")
    checked = cli("check", "--json", env={"PDAM_KUNCI": "kunci-panjang-yang-acak"})
    troubles = [each for each in checked.json() if not each["ok"]]
    assert (checked.returncode, troubles) == (0, []), checked.said
