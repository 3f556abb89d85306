"""Logs: for people and for machines, and in neither what looks like a person's identity."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog

from runtime.telemetry import logs
from runtime.telemetry.health import Health
from runtime.telemetry.masking import mask

SECRETS = {
    "+6281100001234": "[phone]",
    "+62 811-0000-1234": "[phone]",
    "0811-0000-1234": "[phone]",
    "081100001234": "[phone]",
    "6281100001234": "[phone]",
    "0062 811 0000 1234": "[phone]",
    "+1 (202) 000-0123": "[phone]",
    "(021) 000-1234": "[phone]",
    "budi.santoso+lapor@mail.example.org": "[email]",
    "3173000000000001": "[16 digits]",
    "3173 0000 0000 0001": "[16 digits]",
    "3173-0000-0000-0001": "[16 digits]",
    "317300.000000.0001": "[16 digits]",
}
HARMLESS = [
    "2026-11-24T03:00:00.123456Z",
    "2026-11-24 03:00:00",
    "08123456-1234-4123-8123-081234567890",
    "0.0812345678",
    "12.0000000000000001",
    "127.0.0.1:8080",
    "62.81.123.234",
    "v1.0ea3b1c2.AAECAwQFBgcICQoL",
    "complaints.raw/3 offset 1234567890",
    "SM00000000000000000000000000000001",
    "a1b2c3d4e5f60812345678",
    "412 of 5000 in 0.8123 s",
    "runtime/store/engine.py:82",
    "16.73.01.1001",
]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize(("secret", "kind"), SECRETS.items())
@pytest.mark.parametrize("around", ["{}", "dari {} pukul 9", "('{}',)", "sender={}, lalu", "a\n{}\nb", "hubungi {}."])
def test_identities_are_masked(secret: str, kind: str, around: str) -> None:
    assert mask(around.format(secret)) == around.format(kind)


@pytest.mark.parametrize("words", HARMLESS)
def test_ids_times_and_counts_are_left_alone(words: str) -> None:
    assert mask(words) == words


def test_no_uuid_is_mistaken() -> None:
    ids = [str(UUID(int=uuid4().int)) for _ in range(5000)]
    assert [each for each in ids if mask(each) != each] == []


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    structlog.get_logger().info("accepted", count=3, source="wa-1", id=UUID(int=5), parts={"x": ("+6281100001234", 1)})
    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "accepted",
        "level": "info",
        "count": 3,
        "source": "wa-1",
        "id": str(UUID(int=5)),
        "parts": {"x": ["[phone]", 1]},
    }


def test_the_console_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=False)
    structlog.get_logger().warning("waiting", reason="pengirim 081100001234")
    shown = capsys.readouterr().err
    assert "waiting" in shown
    assert "[phone]" in shown
    assert "0811" not in shown


def test_without_a_terminal_it_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    structlog.get_logger().info("x")
    assert lines(capsys)[0]["event"] == "x"


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
def test_a_traceback_shows_places_and_nobodys_words(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    logs.configure(json=as_json)

    def read(text: str) -> None:
        words = text.upper()
        raise ValueError(f"dari budi@mail.example.org, {len(words)} huruf")

    try:
        read("lampu mati di rumah saya")
    except ValueError as error:
        structlog.get_logger().error("step_failed", exc_info=error)
        structlog.get_logger().exception("again")
    shown = capsys.readouterr().err
    assert shown.count("ValueError") >= 2
    assert "test_logs.py" in shown
    assert "[email]" in shown
    assert "budi@" not in shown
    assert "lampu mati di rumah saya" not in shown.replace('read("lampu mati di rumah saya")', "")
    assert "LAMPU" not in shown


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
def test_libraries_take_the_same_way(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    logs.configure(json=as_json)
    logs.configure(json=as_json)
    logging.getLogger("pustaka").warning("no answer from %s", "+6281100001234")
    logging.getLogger("pustaka").info("chatter")
    shown = capsys.readouterr().err
    assert shown.count("no answer from [phone]") == 1
    assert "pustaka" in shown
    assert "chatter" not in shown
    if as_json:
        assert json.loads(shown)["level"] == "warning"


def test_the_level_holds(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True, level="error")
    structlog.get_logger().warning("x")
    logging.getLogger("pustaka").warning("x")
    structlog.get_logger().error("y")
    assert [line["event"] for line in lines(capsys)] == ["y"]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        logs.configure(level="loud")


def test_health_tells_news_from_known_trouble() -> None:
    health = Health()
    assert health.problem("log", "full") is True
    assert health.problem("log", "full") is False
    assert health.problem("log", "locked") is True
    assert health.problems == {"log": "locked"}
    assert (health.well("log"), health.well("log")) == (True, False)
    assert health.problems == {}
