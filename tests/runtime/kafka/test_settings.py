"""Where Kafka is, from one URL; a wrong one is refused with its reason and without its password."""

import pytest

from runtime.bus.kafka_settings import KafkaSettings


def test_a_short_url_is_enough() -> None:
    settings = KafkaSettings.from_url("kafka://broker")
    assert settings.servers == ("broker:9092",)
    assert settings.client()["security_protocol"] == "PLAINTEXT"
    assert (settings.replication, settings.prefix) == (3, "")


def test_every_part_of_a_url_counts() -> None:
    settings = KafkaSettings.from_url(
        "kafka+tls://muara:p%40ss%3A1@a:9093,[::1]:9094,[::2]/kota.?partitions=24&ack_timeout=2.5&instance=n1"
        "&mechanism=SCRAM-SHA-256"
    )
    assert settings.servers == ("a:9093", "[::1]:9094", "[::2]:9092")
    assert (settings.prefix, settings.partitions, settings.ack_timeout, settings.instance) == ("kota.", 24, 2.5, "n1")
    client = settings.client()
    assert (client["security_protocol"], client["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-256")
    assert (client["sasl_plain_username"], client["sasl_plain_password"]) == ("muara", "p@ss:1")
    assert client["ssl_context"].check_hostname


def test_a_password_is_shown_nowhere() -> None:
    settings = KafkaSettings.from_url("kafka://muara:rahasia-sekali@a:9092")
    assert "rahasia-sekali" not in f"{settings!r} {settings.shown} {settings}"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://a", "begins with kafka:// or kafka.tls://, not with http://"),
        ("kafka://", "servers"),
        ("kafka://a/?partitions=0", "partitions: .*greater than or equal to 1"),
        ("kafka://a/?partisi=3", "partisi: Extra inputs are not permitted"),
        ("kafka://a/a b", "prefix: .*match"),
        ("kafka://muara:rahasia@a/?mechanism=PLAIN", "PLAIN sends the password readable"),
        ("kafka://a/?user=muara", "a user needs a password"),
        ("kafka://muara:rahasia@a/?mechanism=GSSAPI", "mechanism"),
    ],
)
def test_a_wrong_url_is_refused_with_its_reason(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        KafkaSettings.from_url(url)
    assert "rahasia" not in str(refused.value)
