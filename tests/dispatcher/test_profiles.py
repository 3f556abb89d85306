"""Profiles as data: their examples hold, and a wrong one is refused at its line with a remedy."""

from pathlib import Path

import pytest

from dispatcher.hub import PROFILES, BadHub, Hub
from recipes.document import DocumentError
from recipes.hubs.answers import HubAnswer
from recipes.hubs.examples import run_examples
from recipes.hubs.models import HubProfile
from recipes.hubs.profile import Profile, load_profile, load_profiles
from recipes.hubs.requests import Request

from .conftest import profile

SMALL = """
name: kementerian
title: A ministry
{more}
create:
  method: POST
  path: /laporan
  body: {{isi: {{text: private.text, max: 10}}, nomor: complaint.complaint_id}}
answer: {{tracking_id: body.id}}
"""


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_of_every_shipped_profile_hold(path: Path) -> None:
    loaded = load_profile(path)
    results = run_examples(loaded)
    assert len(results) >= 4
    assert [str(result) for result in results if not result.passed] == []


def test_an_example_that_does_not_hold_says_where() -> None:
    model = profile().model
    wrong = [e.model_copy(update={"expect": {"outcome": "done"}}) for e in model.examples if e.covers == "refused"]
    [result] = run_examples(Profile(model.model_copy(update={"examples": wrong})))
    assert result.differences == ("outcome: expected 'done', found 'dead'",)


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("  path: /laporan", "  paht: /laporan", "paht", 'unknown key "paht"; did you mean "path"?'),
        ("max: 10", "maks: 10", "maks", '"text" has no option "maks"; it knows min, max, otherwise'),
        ("max: 10", "max: banyak", "banyak", '"max" is a whole number from 1 on'),
        ("complaint.complaint_id", "complaint..id", "complaint..id", "neither a path nor valid JMESPath"),
        ("method: POST", "method: KIRIM", "KIRIM", '"KIRIM" is not allowed here'),
        ("body.id", "{upper: body.id, big: 1}", "big", '"upper" has no option "big"'),
        ("title: A ministry", "lookup_proves_absence: true\ntitle: A", "name:", "needs a `lookup:`"),
        ("title: A ministry", "title: A\nauth: {kind: bearer}", "auth", 'the kind "bearer" needs `secret:`'),
        (
            "title: A ministry",
            "title: A\nerrors: [{status: [6xx], outcome: done, sentence: s}]",
            "errors",
            "no HTTP status",
        ),
        ("title: A ministry", "title: A\nstatuses: {baru: fresh}", "fresh", '"fresh" is not allowed here'),
    ],
)
def test_a_wrong_profile_is_refused_at_its_line(tmp_path: Path, old: str, new: str, at: str, message: str) -> None:
    path = tmp_path / "kementerian.yaml"
    text = SMALL.format(more="").lstrip("\n").replace(old, new)
    path.write_text(text)
    with pytest.raises(DocumentError) as caught:
        load_profile(path)
    lines = {problem.line for problem in caught.value.problems if message in str(problem)}
    assert lines == {1 + next(n for n, line in enumerate(text.splitlines()) if at in line)}


def test_two_files_may_not_claim_one_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(SMALL.format(more=""))
    with pytest.raises(DocumentError, match="defined twice"):
        load_profiles([tmp_path])
    assert set(load_profiles([PROFILES])) == {"lapor_legacy", "open311", "sandbox"}


def test_a_success_that_carries_an_error_code_is_no_success() -> None:
    model = HubProfile.model_validate(
        {
            "name": "kode",
            "title": "Error codes in a 200",
            "create": {"method": "POST", "path": "/x"},
            "answer": {"tracking_id": "body.id"},
            "errors": [
                {"status": [200], "when": "body.kode == 'E17'", "outcome": "dead", "sentence": "kategori is unknown"},
                {"status": [200], "when": "body.kode == 'E99'", "outcome": "wait", "sentence": "it rests"},
            ],
        }
    )
    answers = Profile(model).answers
    for body, outcome in ((b'{"kode":"E17","id":1}', "dead"), (b'{"kode":"E99"}', "wait"), (b'{"id":17}', "done")):
        assert answers.read(HubAnswer(200, {}, body)).outcome == outcome
    assert answers.read(HubAnswer(200, {}, b'{"id":17}')).tracking_id == "17"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b'{"tracking_id": {"a": 1}}', b"null", b'"x"'])
@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_no_answer_whatsoever_breaks_the_reader(content: bytes, status: int) -> None:
    answers = profile().answers
    assert answers.read(HubAnswer(status, {}, content)).outcome == "ambiguous"
    assert not isinstance(answers.found(HubAnswer(status, {}, content)), list)
    assert not isinstance(answers.changed(HubAnswer(status, {}, content)), tuple)


def test_a_path_takes_no_value_apart() -> None:
    template = profile().template("update")
    assert template is not None
    context = Hub(profile(), "http://hub.example").context
    request = template.render({"complaint": {}, "private": {}, "delivery": {"tracking_id": "../x?y=1"}}, context)
    assert request.target == "/api/v1/pengaduan/..%2Fx%3Fy%3D1"
    assert Request.thaw(request.freeze()) == request


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base_url": "hub.example"}, "base_url begins with https://"),
        ({"secrets": {}}, 'needs the secret "token"'),
        ({"secrets": {"token": ""}}, 'needs the secret "token"'),
    ],
)
def test_a_hub_that_lacks_something_is_refused(changes: dict[str, object], message: str) -> None:
    fields: dict[str, object] = {"profile": profile(), "base_url": "https://hub.example", "secrets": {"token": "x"}}
    with pytest.raises(BadHub, match=message):
        Hub(**fields | changes).check("sp4n")  # type: ignore[arg-type]  # any field of a hub


def test_nobody_starts_in_send_and_no_secret_is_shown() -> None:
    hub = Hub(profile(), "https://hub.example", {"token": "rahasia-sekali"})
    assert hub.mode == "shadow"
    assert "rahasia-sekali" not in repr(hub)
