"""What `muara channels parse` prints, with the recipes that are shipped."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import connectors
from connectors.checks import TRANSPORTS
from connectors.dry_run import inbound_of, parse
from connectors.source import Source
from recipes.channel import Channel
from recipes.library import load_channels

CHANNELS = load_channels([Path(connectors.__file__).parent / "channels"], TRANSPORTS)
KEYS = ["outcome", "reason", "signature", "message_id", "external_id", "complaint"]
WHATSAPP = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "1",
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "metadata": {"phone_number_id": "2"},
                        "contacts": [{"profile": {"name": "Wayan"}, "wa_id": "6281100000001"}],
                        "messages": [
                            {
                                "from": "6281100000001", "id": "wamid.A", "timestamp": "1795492800", "type": "text",
                                "text": {"body": "Lampu jalan mati"},
                            },
                            {"from": "6281100000001", "id": "wamid.B", "timestamp": "1795492801", "type": "reaction"},
                        ],
                        "statuses": [{"id": "wamid.C", "status": "delivered"}],
                    },
                }
            ],
        }
    ],
}  # fmt: skip


def source(channel: Channel, **secrets: tuple[str, ...]) -> Source:
    return Source("sumber-1", "dinas", channel, secrets=secrets)


def test_one_object_for_each_message_and_receipt() -> None:
    channel = CHANNELS["whatsapp_cloud"]
    found = parse(channel, inbound_of(channel, json.dumps(WHATSAPP).encode()))
    assert [list(each) for each in found] == [KEYS] * 3
    assert [(each["outcome"], each["reason"]) for each in found] == [
        ("accepted", None),
        ("ignored", "reaction"),
        ("ignored", "receipt:delivered"),
    ]
    assert found[0]["external_id"] == "wamid.A"
    assert found[0]["signature"] == "not checked"
    complaint = found[0]["complaint"]
    assert complaint["text"] == "Lampu jalan mati"
    assert complaint["reporter"] == {"name": "Wayan", "phone": "+6281100000001", "email": None}
    assert complaint["sent_at"] == "2026-11-24T04:00:00Z"


def test_ids_are_the_same_at_each_redelivery_and_differ_by_source() -> None:
    channel = CHANNELS["whatsapp_cloud"]
    inbound = inbound_of(channel, json.dumps(WHATSAPP).encode())
    first, again = parse(channel, inbound), parse(channel, inbound)
    other = parse(channel, inbound, source=source(channel))
    assert [each["message_id"] for each in first] == [each["message_id"] for each in again]
    assert first[0]["message_id"] != other[0]["message_id"]


@pytest.mark.parametrize(("secret", "expected"), [("s1", "valid"), ("s2", "valid"), ("s3", "invalid")])
def test_the_signature_is_checked_where_a_source_has_the_secret(secret: str, expected: str) -> None:
    channel = CHANNELS["whatsapp_cloud"]
    body = json.dumps(WHATSAPP).encode()
    proof = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    inbound = inbound_of(channel, body, {"X-Hub-Signature-256": proof})
    found = parse(channel, inbound, source=source(channel, app_secret=("s1", "s2")))
    assert {each["signature"] for each in found} == {expected}
    if expected == "invalid":
        assert [(each["outcome"], each["reason"]) for each in found] == [("rejected", "bad_signature")]
    assert {each["signature"] for each in parse(channel, inbound, source=source(channel))} == {"not checked"}


def test_twilio_signs_the_public_address() -> None:
    channel, url = CHANNELS["twilio_sms"], "https://muara.kota.example/in/sms"
    form = {"Body": "Air mati", "From": "+6281100000001", "MessageSid": "SM1", "NumMedia": "0"}
    text = f"{url}?a=b" + "".join(key + form[key] for key in sorted(form))
    proof = base64.b64encode(hmac.new(b"kunci", text.encode(), hashlib.sha1).digest()).decode()
    inbound = inbound_of(channel, urlencode(form).encode(), {"X-Twilio-Signature": proof}, {"a": "b"})
    known = source(channel, auth_token=("kunci",))
    [found] = parse(channel, inbound, source=known, public_url=url)
    assert (found["signature"], found["outcome"], found["external_id"]) == ("valid", "accepted", "SM1")
    [elsewhere] = parse(channel, inbound, source=known, public_url="https://lain.example/in/sms")
    assert elsewhere["outcome"] == "rejected"
    [unknown] = parse(channel, inbound, source=known)
    assert unknown["signature"] == "not checked"


def test_a_file_of_rows() -> None:
    channel = CHANNELS["laporan_csv"]
    body = b"id,waktu,nama,isi\n1,2026-11-24 10:00,Made,Air mati\n2,2026-11-24 10:00,Made,a,b\n"
    found = parse(channel, inbound_of(channel, body), filename="laporan.csv")
    assert [each["outcome"] for each in found] == ["accepted", "dead"]
    assert found[0]["complaint"]["text"] == "Air mati"
    assert found[1]["reason"].startswith("line 3: the row has 5 fields")
    rows = b'{"id":1,"isi":"Air mati"}\n{"id":2,"isi":"Lampu mati"}\n'
    assert [e["external_id"] for e in parse(channel, inbound_of(channel, rows))] == ["1", "2"]
    assert [e["external_id"] for e in parse(channel, inbound_of(channel, b'{"id":1,\n"isi":"Air mati"}'))] == ["1"]
    [empty] = parse(channel, inbound_of(channel, b"id,isi\n"))
    assert (empty["outcome"], empty["reason"]) == ("ignored", "no_rows")
    [unreadable] = parse(channel, inbound_of(channel, b"PK\x03\x04"), filename="laporan.xlsx")
    assert unreadable["outcome"] == "dead"


@pytest.mark.parametrize("name", sorted(CHANNELS))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(body=st.one_of(st.binary(max_size=300), st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(
        st.sampled_from(["entry", "changes", "field", "value", "messages", "statuses", "id", "from", "text", "isi"]),
        inner, max_size=4)), max_leaves=12).map(lambda value: json.dumps(value).encode())))  # fmt: skip
def test_anything_at_all_ends_in_words(name: str, body: bytes) -> None:
    channel = CHANNELS[name]
    found: list[dict[str, Any]] = parse(channel, inbound_of(channel, body), filename="x.csv")
    for each in found:
        assert list(each) == KEYS
        assert each["outcome"] in {"accepted", "ignored", "dead"}
        assert "fault of ours" not in (each["reason"] or "")
        json.dumps(each, ensure_ascii=False).encode()
    assert found, "nothing is dropped in silence"


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": 1, "isi_keluhan": "Air mati"}',
        b'[{"id": 1, "isi_keluhan": "Air mati"}, {"id": 2, "isi_keluhan": "Air keruh"}]',
        b'{"id": 1, "isi_keluhan": "Air mati"}\n{"id": 2, "isi_keluhan": "Air keruh"}\n',
        b"id;isi_keluhan\n1;Air mati\n2;Air keruh\n",
    ],
    ids=["one row", "a list", "a row a line", "CSV"],
)
def test_rows_of_a_table_however_they_were_exported(body: bytes) -> None:
    channel = CHANNELS["opd_table"]
    found = parse(channel, inbound_of(channel, body), filename="tabel.json" if body.startswith(b"[") else None)
    assert {each["outcome"] for each in found} == {"accepted"}
    assert [each["external_id"] for each in found] == ["1", "2"][: len(found)]
    assert len(found) == (1 if body.count(b"isi_keluhan") == 1 and b"2;" not in body else 2)


@pytest.mark.parametrize(
    ("body", "outcome", "reason"),
    [
        (b"[]", "ignored", "no_rows"),
        (b"<?xml version='1.0'?><service_requests/>", "ignored", "no_rows"),
        (b'[{"service_request_id": 7, "status": "open", "description": "Air mati"}]', "accepted", None),
        (b"<html><body>Masuk</body></html>", "dead", "not a list"),
    ],
)
def test_a_page_of_a_polled_api(body: bytes, outcome: str, reason: str | None) -> None:
    [found] = parse(CHANNELS["open311"], inbound_of(CHANNELS["open311"], body))
    assert found["outcome"] == outcome
    assert (found["reason"] or "").endswith(reason or "")
