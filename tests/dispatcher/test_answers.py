"""What answers mean: XML of every kind, rules in their order, changes confirmed, keys that hubs forget."""

import re
import ssl
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dispatcher.client import HubClient
from dispatcher.hub import Hub
from dispatcher.sending import HubSender
from recipes.document import DocumentError, parse_text
from recipes.hubs.answers import HubAnswer
from recipes.hubs.models import HubProfile
from recipes.hubs.profile import Profile, compile_profile
from recipes.hubs.requests import Request
from recipes.paths import Context
from sandbox.hub.server import HubSimulation

from .conftest import NO_NEWS, START, Clock, House, profile, settled

BASE: dict[str, Any] = {
    "name": "p",
    "title": "P",
    "create": {"method": "POST", "path": "/x", "body": {"isi": "private.text"}},
    "answer": {"tracking_id": "anywhere.id"},
}


def made(**changes: object) -> Profile:
    return Profile(HubProfile.model_validate(BASE | changes))


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a><id>&c;</id></a>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a><id>&b;</id></a>'


@pytest.mark.parametrize(
    ("content", "tracking_id"),
    [
        (b"<a><id>17</id></a>", "17"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<a xmlns='urn:x'><b><id> 17 </id></b></a>", "17"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a><id>é</id></a>".encode("latin-1"), "é"),
        (b"<a><!-- <id>1</id> --><id><![CDATA[17]]></id></a>", "17"),
        (b"<a><id>17", None),
        (b"<a><id/></a>", None),
        (b"<a>" * 300 + b"</a>" * 300, None),
        (BOMB, None),
        (OUTSIDE, None),
    ],
)
def test_xml_is_read_as_data_and_nothing_in_it_is_obeyed(content: bytes, tracking_id: str | None) -> None:
    meaning = made().answers.read(HubAnswer(200, {}, content))
    assert (meaning.outcome, meaning.tracking_id) == ("done" if tracking_id else "ambiguous", tracking_id)


def test_the_first_rule_that_fits_counts_and_after_them_the_built_in_ones() -> None:
    answers = made(
        errors=[
            {"when": {"matches": "text", "pattern": "pemelihara"}, "outcome": "wait", "after": 600, "sentence": "r"},
            {"status": [409], "when": "anywhere.id", "outcome": "done", "sentence": "it has it"},
            {"status": ["4xx"], "when": 'headers."x-nanti"', "outcome": "retry", "sentence": "later"},
            {"status": [409], "outcome": "dead", "sentence": "another"},
        ]
    ).answers  # fmt: skip
    for status, headers, content, outcome in [
        (200, {}, b"<p>Sedang pemeliharaan</p>", "wait"),
        (409, {}, b"<a><id>5</id></a>", "done"),
        (409, {"x-nanti": "1"}, b"", "retry"),
        (409, {}, b"", "dead"),
        (404, {}, b"", "dead"),
        (401, {}, b"", "stop"),
        (302, {}, b"", "stop"),
        (429, {}, b"", "wait"),
        (408, {}, b"", "retry"),
        (500, {}, b"", "ambiguous"),
        (100, {}, b"", "ambiguous"),
    ]:
        assert answers.read(HubAnswer(status, headers, content)).outcome == outcome, (status, content)
    assert answers.read(HubAnswer(200, {}, b"pemeliharaan")).after == 600


CHANGES = (
    "changes: {method: GET, path: /x, query: {a: cursr}, found: body, cursor: body.a,"
    " id: i, tracking_id: t, word: w, at: a}"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("update: &u {method: PUT, path: /x}\ncomment: *u", "either by `update:` or by `comment:`"),
        ("auth: {kind: query, secret: k}", 'the kind "query" needs `name:`'),
        ("auth: {kind: bearer, secret: k, name: x}", '`name:` has no place in the kind "bearer"'),
        ("auth: {kind: bearerr, secret: k}", 'did you mean "bearer"?'),
        ("auth: {kind: session, place: header, name: X}", "a session is opened by a `login:`"),
        ("errors: [{outcome: dead, sentence: s}]", "a rule without `status:` needs `when:`"),
        ("errors: [{status: [401], renew: true, outcome: stop, sentence: s}]", "`renew:` needs an `auth:`"),
        ("errors: [{status: [400], outcome: reject, sentence: s}]", '"reject" is not allowed here'),
        ("errors: [{status: [400], outcome: deaf, sentence: s}]", 'did you mean "dead"?'),
        ("idempotency: {}", "either `header:` or `field:`"),
        ("idempotency: {haeder: X}", 'did you mean "header"?'),
        ("lookup: {method: GET, path: /x, found: b, tracking_id: i, same: {a: {uper: b}}}", 'did you mean "upper"?'),
        ("tables: {t: {method: GET, path: /x, found: body, code: id, titel: t}}", 'did you mean "title"?'),
        ("update: {method: POST, path: /x, format: xml, body: {}}", "exactly one field, the root element"),
        ("update: {method: GET, path: /x, body: {a: b}}", "a GET has no `body:`"),
        ("limits: {rate: 0}", "greater than 0"),
        ("unfit: [{when: complaint.rahsia, sentence: s}]", '"complaint" has no "rahsia"; did you mean "rahasia"?'),
        ("refusal: {first_of: [bodi.pesan, text]}", 'nothing is called "bodi" here; did you mean "body"?'),
        ("update: {method: PUT, path: '/x/{delivery.trackingid}'}", 'did you mean "tracking_id"?'),
        ("update: {method: PUT, path: /x, body: {a: {text: privat.text}}}", 'did you mean "private"?'),
        ("comment: {method: PUT, path: /x, body: {a: {template: 'x {privat.text}'}}}", 'did you mean "private"?'),
        (CHANGES, 'nothing is called "cursr" here; did you mean "cursor"?'),
    ],
)  # fmt: skip
def test_a_profile_that_contradicts_itself_is_told_what_to_do(text: str, message: str) -> None:
    whole = f"name: p\ntitle: P\ncreate: {{method: POST, path: /x}}\nanswer: {{tracking_id: body.id}}\n{text}\n"
    with pytest.raises(DocumentError) as caught:
        compile_profile(parse_text(whole, "p.yaml"))
    [problem, *_] = caught.value.problems
    assert message in str(caught.value)
    assert problem.line >= 1


async def test_a_key_that_the_hub_has_forgotten_no_longer_settles_a_doubt() -> None:
    clock = Clock()
    hub = Hub(made(idempotency={"header": "K", "retention": 3600}), "http://hub.example")
    frozen = Request("POST", "/x", {}, b"{}", {"made_at": START.isoformat()}).freeze()

    async def nobody(*_: object) -> set[str]:
        return set()

    async with HubClient(hub, clock, ssl.create_default_context) as client:
        sender = HubSender(hub, client, nobody)
        assert sender.doubts("create", frozen).repeatable
        clock.forward(3601)
        assert not sender.doubts("create", frozen).repeatable


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_hub_that_cannot_change_a_report_gets_a_remark(house: House, simulation: HubSimulation) -> None:
    comment = HubProfile.model_validate(
        BASE
        | {
            "comment": {
                "method": "POST",
                "path": "/api/v1/pengaduan/{delivery.tracking_id}/komentar",
                "body": {"revisi": "complaint.revision", "isi": {"join": [{"value": "Perbaikan:"}, "private.text"]}},
                "confirmed": "body.nomor",
            }
        }
    ).comment
    remarks = profile(update=None, comment=comment, **NO_NEWS)
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=remarks)})
    await house.publish(house.complaint("c"))
    await settled(house, dispatcher)
    await house.publish(house.complaint("c", 2, private={"text": "Sekarang dua lampu"}))
    await house.publish(house.complaint("c", 3, private={"text": "Sekarang dua lampu"}))  # nothing new
    await settled(house, dispatcher)
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"], ("sp4n", "update"): ["delivered"]}
    assert (await simulation.summary()).comments == 1
    [report] = await simulation.reports()
    assert report.formulir["isi"] != "Sekarang dua lampu"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_whatever_a_citizen_writes_is_whole_in_the_xml_but_for_what_xml_has_no_room_for(written: str) -> None:
    body = {"a": {"object": {"@b": "private.text", "c": "private.text"}}}
    spec = {"method": "POST", "path": "/x", "format": "xml", "body": body}
    document = {"complaint": {}, "private": {"text": written}, "delivery": {"id": ""}}
    sent = made(create=spec).templates["create"].render(document, Context()).body
    assert sent is not None
    root = etree.fromstring(sent)
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", written)
    assert (root.get("b"), root.findtext("c")) == (kept, kept)
