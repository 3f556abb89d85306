"""The channels that ship: their examples, and what hostile senders put into them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipes.channel import Channel
from recipes.document import DocumentError
from recipes.examples import ExampleResult, example_inbound, run_examples
from recipes.inbound import Inbound
from recipes.library import load_channels
from recipes.mapped import Ignored
from recipes.view import item_view

FOLDER = Path(__file__).parents[2] / "connectors" / "channels"
CHANNELS = load_channels([FOLDER])
EXAMPLES = [(name, result) for name, channel in CHANNELS.items() for result in run_examples(channel)]
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(("name", "result"), EXAMPLES, ids=[f"{name}: {result.name}" for name, result in EXAMPLES])
def test_examples(name: str, result: ExampleResult) -> None:
    assert result.passed, str(result)


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_shows_at_least_four_distinct_things(name: str) -> None:
    covers = {example.covers for example in CHANNELS[name].recipe.examples}
    assert len(covers) >= 4
    assert {"ordinary", "malformed"} <= covers


def test_an_example_that_is_wrong_fails_with_a_readable_difference() -> None:
    channel = CHANNELS["opd_table"]
    example = channel.recipe.examples[0]
    expected = example.expect[0].model_copy(update={"external_id": "7", "complaint": {"reporter": {"phone": "1"}}})
    wrong = channel.recipe.model_copy(update={"examples": [example.model_copy(update={"expect": [expected]})]})
    assert str(run_examples(Channel(wrong))[0]).splitlines() == [
        "FAIL opd_table: a row [ordinary]",
        "     item 1: external_id: expected '7', found '501'",
        "     item 1: complaint.reporter.phone: expected '1', found '+6281100000051'",
    ]


def check(channel: Channel, inbound: Inbound) -> None:
    """Whatever came in becomes items that every store accepts, and each has an outcome."""
    items = channel.split(inbound)
    assert items or channel.polling is not None, "only an answer to our own question may hold nothing"
    for item in items:
        for text in (item.external_id, item.sender, item.receipt, item.defect):
            assert text is None or ("\x00" not in text and text.encode())
        view = item_view(channel, item, zone="Asia/Jakarta")
        assert "\\u0000" not in json.dumps({key: value for key, value in view.items() if key != "payload"})
        json.dumps(view, ensure_ascii=False).encode()
        assert view["outcome"] in {"accepted", "ignored", "dead", "receipt"}
        assert view["outcome"] != "dead" or view["reason"]


TEXT = st.text(alphabet=st.characters(codec=None), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.sampled_from(["1795503900", "0811-0000-0001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


# There are many channels, which share their code.
@pytest.mark.parametrize("name", CHANNELS)
@settings(max_examples=30)
@given(
    body=st.binary(max_size=200), media_type=st.sampled_from(["application/json", FORM, "message/rfc822", "", "a/b"])
)
def test_any_bytes(name: str, body: bytes, media_type: str) -> None:
    check(CHANNELS[name], Inbound(body, media_type))


@pytest.mark.parametrize("name", [name for name in CHANNELS if CHANNELS[name].recipe.receive.decode != "rfc822"])
@settings(max_examples=30)
@given(data=st.data())
def test_an_example_with_anything_in_the_place_of_any_value(name: str, data: st.DataObject) -> None:
    channel = CHANNELS[name]
    example = data.draw(st.sampled_from([each for each in channel.recipe.examples if each.payload]))
    payload = json.loads(json.dumps(example.payload))
    mutate(payload, data)
    check(channel, example_inbound(channel, example.model_copy(update={"payload": payload})))


def mutate(value: Any, data: st.DataObject) -> None:  # noqa: ANN401 - a JSON value
    """Replace one value, somewhere."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(value[key], dict | list) or data.draw(st.booleans()):
            value[key] = data.draw(JSON.filter(lambda each: not has_surrogate(each)))
            return
        value = value[key]


def has_surrogate(value: Any) -> bool:  # noqa: ANN401 - a JSON value
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


HOSTILE = {
    "deep lists": (b"[" * 200_000, "nested deeper than 64"),
    "deep objects": (b'{"a":' * 100 + b"1" + b"}" * 100, "nested deeper than 64"),
    "not a number": (b'{"nomor_tiket": NaN}', "NaN, which is no number"),
    "endless number": (b'{"nomor_tiket": 1e999}', "too large"),
    "long number": (b'{"nomor_tiket": ' + b"9" * 5000 + b"}", "number that is too long"),
    "key twice": (b'{"isi": "a", "isi": "b"}', "names a key twice"),
    "not UTF-8": (b'{"isi": "\xff"}', "not UTF-8 (byte 9)"),
    "a list": (b'[{"isi": "a"}]', "the body is a list"),
    "an id that is an object": (b'{"nomor_tiket": {}, "isi": "a"}', "the id cannot be read"),
    "nothing": (b"", "not JSON"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_end_as_dead_letters_that_say_why(name: str) -> None:
    body, reason = HOSTILE[name]
    channel = CHANNELS["opd_webhook"]
    (item,) = channel.split(Inbound(body, "application/json"))
    assert item.payload == body
    assert reason in item_view(channel, item, zone="Asia/Jakarta")["reason"]


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16"])
def test_json_with_the_mark_of_its_character_set(charset: str) -> None:
    body = '{"nomor_tiket": "1", "isi": "Jalan rusak 😡"}'.encode(charset)
    (item,) = CHANNELS["opd_webhook"].split(Inbound(body, "application/json"))
    view = item_view(CHANNELS["opd_webhook"], item, zone="Asia/Jakarta")
    assert view["complaint"]["text"] == "Jalan rusak 😡"


def mapped(name: str, document: dict[str, Any]) -> dict[str, Any]:
    (item,) = CHANNELS[name].split(Inbound(json.dumps(document).encode(), "application/json"))
    view = item_view(CHANNELS[name], item, zone="Asia/Jakarta")
    assert view["outcome"] == "accepted", view
    return dict(view)


def test_trap_18_nul_and_lone_surrogates_are_replaced_in_texts_and_spelt_out_in_ids() -> None:
    view = mapped("opd_webhook", {"nomor_tiket": "a\x00\ud800", "isi": "air\x00 mati \udfff"})
    assert view["external_id"] == "a\\x00\\ud800"
    assert view["complaint"]["text"] == "air\ufffd mati \ufffd"


def test_forms_of_old_systems_in_windows_1252_and_with_a_field_twice() -> None:
    channel = CHANNELS["opd_webhook"]
    assert channel.decode(b"isi=caf%E9&isi=%C3%A9&kontak=", FORM) == {"isi": ["café", "é"], "kontak": ""}


@pytest.mark.parametrize(
    ("settings", "headers", "reason"),
    [
        ({}, "From: info@kota.example", None),
        ({"own_addresses": ["info@kota.example"]}, "From: Kota <INFO@kota.example>", "own_notification"),
        ({"own_lists": "kabar.kota.example"}, "From: a@b.example\nList-Id: <kabar.kota.example>", "own_notification"),
        ({}, "From: a@b.example\nList-Id: <l.kota.example>\nPrecedence: list", "mailing_list"),
        ({"intake_lists": ["l.kota.example"]}, "From: a@b.example\nList-Id: <l.kota.example>\nPrecedence: list", None),
    ],
)
def test_a_source_says_which_mails_are_its_own(settings: dict[str, Any], headers: str, reason: str | None) -> None:
    mail = f"{headers}\nSubject: Lampu mati\n\nLampu jalan mati.\n".encode()
    found = CHANNELS["email"].map(mail, "message/rfc822", zone="Asia/Jakarta", source_settings=settings)
    assert (found.reason if isinstance(found, Ignored) else None) == reason


def whatsapp(*messages: Any) -> Inbound:  # noqa: ANN401 - JSON values
    value = {"contacts": [], "messages": list(messages)}
    body = {"entry": [{"changes": [{"field": "messages", "value": value}]}]}
    return Inbound(json.dumps(body).encode(), "application/json")


def test_trap_3_a_request_with_a_thousand_messages_loses_none() -> None:
    items = CHANNELS["whatsapp_cloud"].split(
        whatsapp(*({"id": f"wamid.{number}", "type": "text", "text": {"body": "a"}} for number in range(1_000)))
    )
    assert [item.external_id for item in items] == [f"wamid.{number}" for number in range(1_000)]


def test_a_flood_of_elements_is_one_dead_letter() -> None:
    inbound = whatsapp(*range(20_000))
    (item,) = CHANNELS["whatsapp_cloud"].split(inbound)
    assert item.payload == inbound.body
    assert item.defect == "the request holds more than 5000 messages"


@pytest.mark.parametrize(
    "body", [{}, {"entry": []}, {"entry": [{}]}, {"entry": [{"changes": [{"field": "messages"}]}]}]
)
def test_a_request_that_holds_nothing_does_not_vanish(body: Any) -> None:  # noqa: ANN401 - a JSON value
    inbound = Inbound(json.dumps(body).encode(), "application/json")
    (item,) = CHANNELS["whatsapp_cloud"].split(inbound)
    assert item.payload == inbound.body
    assert item.defect is not None
    assert "holds no message" in item.defect


def test_the_hash_follows_what_a_recipe_does_and_not_what_it_says() -> None:
    recipe = CHANNELS["opd_table"].recipe
    same = recipe.model_copy(update={"title": "another", "examples": []})
    other = recipe.model_copy(update={"map": recipe.map.model_copy(update={"title": "kategori"})})
    assert Channel(same).hash == CHANNELS["opd_table"].hash
    assert Channel(other).hash != Channel(same).hash
    assert len(Channel(other).hash) == 16


RECIPE = """channel: kelurahan
title: Kelurahan
receive: {transport: webhook}
map:
  text: isi
"""

WRONG = {
    "expression": (
        RECIPE.replace("text: isi", "text: isi\n  phone:\n    fone: hp"),
        '/kelurahan.yaml:7: map.phone.fone: there is no function "fone"; did you mean "phone"?',
    ),
    "option": (
        RECIPE.replace("text: isi", "text: isi\n  sent_at: {timestamp: t, format: DD/MM}"),
        '/kelurahan.yaml:6: map.sent_at.format: the format "DD/MM" must name day, month and year, such as DD/MM/YYYY',
    ),
    "key": (
        RECIPE.replace("text:", "tekst:"),
        '/kelurahan.yaml:5: map.tekst: unknown key "tekst"; did you mean "text"?',
    ),
    "transport": (
        RECIPE.replace("webhook", "webhok"),
        '/kelurahan.yaml:3: receive.transport: there is no transport "webhok"; use one of sql, webhook',
    ),
    "signature": (
        RECIPE.replace("webhook}", "webhook, signature: {scheme: token, secret: k}}"),
        '/kelurahan.yaml:3: receive.signature: scheme "token" needs to know where to look; add `header:` or `query:`',
    ),
    "nothing mapped": (
        RECIPE.replace("text: isi", "name: a"),
        "/kelurahan.yaml:4: map: nothing of a message is mapped; add `text:`",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_recipe_is_refused_with_file_line_and_remedy(name: str, tmp_path: Path) -> None:
    text, expected = WRONG[name]
    (tmp_path / "kelurahan.yaml").write_text(text)
    with pytest.raises(DocumentError) as caught:
        load_channels([tmp_path], transports={"webhook", "sql"})
    assert str(caught.value) == f"{tmp_path}{expected}"


def test_a_channel_that_two_files_claim_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RECIPE)
    (tmp_path / "b.yaml").write_text(RECIPE)
    with pytest.raises(
        DocumentError, match=r'b\.yaml:1: channel: the channel "kelurahan" is already defined by .*a\.yaml'
    ):
        load_channels([tmp_path])
    with pytest.raises(DocumentError, match="there is no such folder of recipes"):
        load_channels([tmp_path / "none"])


QUERY = """channel: sms_gateway
title: SMS gateway
receive: {transport: webhook, decode: query, external_id: id, sender: from}
map: {text: text, phone: {phone: from}}
"""


def test_a_gateway_that_calls_with_a_query_only(tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_text(QUERY)
    channel = load_channels([tmp_path])["sms_gateway"]
    (item,) = channel.split(Inbound(b"", "", query={"id": "5", "from": "081100000001", "text": "air & listrik mati"}))
    view = item_view(channel, item, zone="Asia/Jakarta")
    assert (item.external_id, item.sender, view["complaint"]["text"]) == ("5", "081100000001", "air & listrik mati")


def test_a_number_that_whatsapp_vouches_for_is_kept_where_no_numbering_plan_knows_it() -> None:
    channel = CHANNELS["whatsapp_cloud"]
    (item,) = channel.split(whatsapp({"from": "6260123456789", "id": "wamid.1", "type": "text", "text": {"body": "a"}}))
    view = item_view(channel, item, zone="Asia/Jakarta")
    assert view["complaint"]["reporter"]["phone"] == "+6260123456789"
