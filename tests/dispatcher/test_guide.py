"""docs/hubs.md is true: its profile works, its mistake is told as it shows, and it names every key and command."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML
from typer.core import TyperGroup

from dispatcher.deadlines import STEPS
from dispatcher.hub import PROFILES
from muara.__main__ import app
from muara.config import Config, HubDeadlines
from muara.lazy import unfold
from recipes.document import DocumentError, parse_text
from recipes.hubs.answer_model import BUILT_IN, Answer, ErrorRule
from recipes.hubs.auth_model import Auth, Gateway, Login, Tls
from recipes.hubs.examples import posted, push_view, run_examples
from recipes.hubs.models import HubExample, HubProfile, Idempotency, Limits, Unfit
from recipes.hubs.operation_model import Changes, Lookup, Operation, ReferenceTable, Standing, Telling, Webhook
from recipes.hubs.profile import compile_profile
from recipes.hubs.request_model import RequestSpec

GUIDE = (Path(__file__).parents[2] / "docs" / "hubs.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", GUIDE, re.DOTALL)
PROFILE, CONNECTED = (text for kind, text in BLOCKS if kind == "yaml")
MODELS: tuple[type[BaseModel], ...] = (
    HubProfile, Auth, Gateway, Tls, Login, Idempotency, Limits, Unfit, HubExample, Answer, ErrorRule, RequestSpec,
    Operation, Telling, Lookup, Changes, Standing, ReferenceTable, Webhook,
)  # fmt: skip


def test_the_profile_of_the_guide_passes_its_own_examples() -> None:
    results = run_examples(compile_profile(parse_text(PROFILE, "sipadu.yaml")))
    assert len(results) >= 8
    assert [str(result) for result in results if not result.passed] == []


def test_the_mistake_that_the_guide_shows_is_told_as_it_shows() -> None:
    shown = next(text for kind, text in BLOCKS if kind == "text").strip()
    with pytest.raises(DocumentError) as caught:
        compile_profile(parse_text(PROFILE.replace("settle_after:", "settle_aftr:"), "hubs/sipadu.yaml"))
    assert str(caught.value) == shown


@pytest.mark.parametrize("name", sorted({name for model in MODELS for name in model.model_fields}))
def test_the_reference_names_every_key(name: str) -> None:
    reference = GUIDE[GUIDE.index("## Every key") :]
    assert re.search(rf"`{name}[`:]", reference), name


def test_the_reference_names_every_kind_and_every_built_in_rule() -> None:
    reference = GUIDE[GUIDE.index("### `auth`") :]
    for kind in Auth.model_fields["kind"].annotation.__args__:  # type: ignore[union-attr]  # a Literal
        assert f"`{kind}`" in reference, kind
    rules = GUIDE[GUIDE.index("Rules of the profile come first") :].split("\n\n")[0]
    for rule in BUILT_IN:
        assert all(str(status) in rules for status in rule.status or ())
        assert rule.outcome in rules


def test_the_hub_of_the_guide_is_accepted_and_all_profiles_are_named() -> None:
    config = Config.model_validate({"agency": "kota-contoh", **YAML(typ="safe").load(CONNECTED)})
    assert [hub.profile for hub in config.hubs.values()] == ["sipadu"]
    for path in PROFILES.glob("*.yaml"):
        assert f"| `{path.stem}` |" in GUIDE


def test_the_commands_of_the_guide_exist() -> None:
    group = unfold(app).commands["hubs"]
    assert isinstance(group, TyperGroup)
    used = set(re.findall(r"muara hubs ([a-z]+)", GUIDE))
    assert {"doc", "check", "try", "list"} <= used
    assert used <= set(group.commands)


ODD = """
name: aneh
title: Odd
auth:
  kind: session
  place: header
  name: Cookie
  prefix: "SID="
  login: {method: POST, path: /masuk, token: {extract: headers."set-cookie", pattern: 'SID=([^;]+)'}}
create:
  method: POST
  path: /x
  body:
    hari: {join: [{extract: complaint.incident_date, pattern: '(..)$'}, {extract: complaint.incident_date, pattern: '-(..)-'}, {extract: complaint.incident_date, pattern: '^....'}], with: /}
    kode: {mapped: complaint.category.key, by: codes, otherwise: {setting: any_code}}
answer: {tracking_id: body.id}
errors:
  - {when: "body.kode == `17`", outcome: dead, sentence: seventeen}
  - {when: {one_of: body.kode, values: [18, 19]}, outcome: wait, sentence: eighteen}
  - {when: {matches: text, pattern: pemeliharaan}, outcome: wait, sentence: rests}
examples:
  - name: a day and a code
    covers: ordinary
    operation: create
    given: {complaint: {incident_date: "2026-11-24", category: {key: jalan}}}
    settings: {codes: {jalan: 12}, any_code: 99}
    request: {body: {hari: 24/11/2026, kode: 12}}
    answer: {status: 200, body: {kode: 17}}
    expect: {outcome: dead}
  - {name: b, covers: b, operation: create, given: {complaint: {incident_date: "2026-11-24"}}, settings: {any_code: 99},
     request: {body: {hari: 24/11/2026, kode: 99}}, answer: {status: 200, body: {kode: "18"}}, expect: {outcome: wait}}
  - {name: c, covers: c, operation: create, answer: {status: 200, text: sedang pemeliharaan}, expect: {outcome: wait}}
  - {name: d, covers: d, operation: create, answer: {status: 200, body: {kode: 0, id: 5}}, expect: {tracking_id: "5"}}
  - {name: e, covers: e, operation: login, answer: {status: 200, headers: {Set-Cookie: "a=b; SID=s1; Path=/"}},
     expect: {token: s1}}
"""  # noqa: E501 a line as the guide writes it


def test_the_odd_wishes_of_the_guide_are_granted() -> None:
    results = run_examples(compile_profile(parse_text(ODD.lstrip(), "aneh.yaml")))
    assert [str(result) for result in results if not result.passed] == []
    wishes = GUIDE[GUIDE.index("## Odd wishes") : GUIDE.index("## Every key")]
    for written in ("body.kode == `17`", "pattern: 'SID=([^;]+)'", "pattern: '-(..)-'", "by: codes"):
        assert written in wishes
        assert written in ODD


def test_what_the_invented_hub_posts_is_read_as_the_guide_says() -> None:
    webhook = next(text for kind, text in BLOCKS if kind == "text" and text.startswith("webhook:"))
    shown = re.search(r"posts `(\{\"event\".*?\}\})`", GUIDE)
    assert shown is not None
    profile = compile_profile(parse_text(PROFILE.replace("errors:\n", f"{webhook}\nerrors:\n", 1), "sipadu.yaml"))
    found = push_view(profile, posted(shown[1].encode(), ".json"))
    assert found["outcome"] == "told", found
    assert found["found"] == [
        {"id": "A-77-5", "tracking_id": "A-77", "state": "in_progress", "word": "PROSES",
         "words": "Sedang dikerjakan", "at": "2026-11-25T04:00:00+00:00"}
    ]  # fmt: skip
    assert push_view(profile, posted(b'{"event": "ping"}', ".json"))["outcome"] == "passed_over"
    open_door = re.sub(r"signature: \{.*\}", "signature: {}", webhook)
    with pytest.raises(DocumentError, match="whoever finds the address could close anybody's complaint"):
        compile_profile(parse_text(PROFILE.replace("errors:\n", f"{open_door}\nerrors:\n", 1), "sipadu.yaml"))


def test_the_clock_of_the_guide_is_accepted() -> None:
    text = next(text for kind, text in BLOCKS if kind == "text" and "deadlines:" in text)
    limits = HubDeadlines.model_validate(YAML(typ="safe").load(text)["hubs"]["sp4n"]["deadlines"])
    assert (limits.joint_leave, limits.zone, len(limits.days_off)) == (True, "Asia/Makassar", 1)
    reference = GUIDE[GUIDE.index("## Deadlines") :].split("\n## ")[0]
    for state, step in STEPS.items():
        row = next(line for line in reference.splitlines() if f"`{state}`" in line)
        assert f"| `{step}` |" in row
    for name in ("field_check", "approaching", "joint_leave", "days_off", "zone"):
        assert f"{name}:" in text
