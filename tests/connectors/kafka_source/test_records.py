"""What a recipe reads of a record, and what a source may say about its topic."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.kafka_source.records import TopicRecord, items, read_value
from connectors.kafka_source.settings import BadTopicSettings, Form, cluster, topic_settings
from connectors.source import Source
from recipes.mapped import MappingError, Value
from tests.connectors.conftest import make_channel

MakeSource = Callable[..., Source]


@pytest.mark.parametrize(
    ("value", "form", "read"),
    [
        (b'\xef\xbb\xbf {"a": 1}', "auto", {"a": 1}),
        (b"[1]", "auto", [1]),
        (b"<aduan><isi>Macet</isi></aduan>", "auto", {"aduan": {"isi": "Macet"}}),
        (b"Macet di simpang", "auto", "Macet di simpang"),
        (b"{Macet}", "text", "{Macet}"),
        (b"isi=Macet+total", "form", {"isi": "Macet total"}),
        (b"12", "json", 12),
        (None, "json", None),
    ],
)
def test_a_value_is_read_as_the_source_says(value: bytes | None, form: Form, read: Value) -> None:
    assert read_value(value, form) == read


@pytest.mark.parametrize("value", [b"\xff", b"{", b"<a>", b"a\x00b"])
def test_what_is_no_value_is_refused(value: bytes) -> None:
    with pytest.raises(MappingError, match="its value cannot be read"):
        read_value(value, "auto")


def test_a_record_may_hold_several_messages_and_need_not_have_a_time(make_source: MakeSource) -> None:
    split = {"each": [{"list": "body.value", "as": "aduan"}], "keep": {"aduan": "aduan", "asal": "body.headers.asal"}}
    source = make_source(make_channel("t", {"transport": "kafka", "split": split}, {"text": "aduan.isi"}))
    record = TopicRecord("t", 3, 9, -1, None, b'[{"isi": "a"}, {"isi": "b"}]', (("asal", None),))
    found = items(record, source, "auto")
    assert [item.external_id for item in found] == ["t:3:9@-1:0", "t:3:9@-1:1"]
    assert found[0].payload == b'{"aduan":{"isi":"a"},"asal":null}'


@pytest.mark.parametrize(
    ("settings", "secrets", "words"),
    [
        ({"topic": "t"}, {}, 'the secret or the setting "kafka"'),
        ({"kafka": "kafka://h"}, {}, "topic: Field required"),
        ({"kafka": "http://h", "topic": "t"}, {}, "begins with kafka://"),
        ({"kafka": "kafka://h/t", "topic": "t"}, {}, "names brokers only"),
        ({"kafka": "kafka://h", "topic": "t", "user": "baca"}, {}, 'has no secret "password"'),
        ({"topic": "t"}, {"kafka": ("kafka://baca:rahasia@h?mechanism=PLAIN",)}, "PLAIN sends the password readable"),
    ],
)
def test_settings_that_do_not_describe_a_topic(
    make_source: MakeSource, settings: dict[str, Any], secrets: dict[str, tuple[str, ...]], words: str
) -> None:
    source = make_source(make_channel("t", {"transport": "kafka"}), settings=settings, secrets=secrets)
    with pytest.raises(BadTopicSettings, match=words) as refusal:
        cluster(source)
    assert "rahasia" not in str(refusal.value)


def test_a_login_stands_in_secrets(make_source: MakeSource) -> None:
    settings = {"kafka": "kafka+tls://h:9093", "topic": "t", "user": "baca"}
    source = make_source(
        make_channel("t", {"transport": "kafka"}), settings=settings, secrets={"password": ("rahasia",)}
    )
    assert cluster(source).user == "baca"
    assert "rahasia" not in repr(cluster(source))
    xml = make_source(make_channel("t", {"transport": "kafka", "decode": "xml"}), settings=settings)
    with pytest.raises(BadTopicSettings, match=r"settings: \{value: xml\}"):
        topic_settings(xml)
