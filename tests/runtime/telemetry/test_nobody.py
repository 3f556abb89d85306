"""Nobody is in the log: whatever is planted, wherever it comes from, is not there."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import create_engine, text

from runtime.telemetry import logs
from runtime.telemetry.repetition import ALLOWED, Repetition

subscribers = st.integers(0, 9999).map("{:04d}".format)
phones = st.builds(
    lambda form, last: form.format(last),
    st.sampled_from(["+628110000{}", "628110000{}", "08110000{}", "+62 811-0000-{}", "0811 0000 {}"]),
    subscribers,
)
niks = st.integers(0, 9999).map("317300000000{:04d}".format)
mails = st.from_regex(r"\A[a-z]{3,12}(\.[a-z]{2,8})?(\+[a-z]{1,5})?@[a-z]{2,10}\.example\.org\Z")
identities = st.one_of(phones, niks, mails)
names = st.from_regex(r"\A[A-Z][a-z]{6,12} [A-Z][a-z]{6,12}(-[A-Z]')?\Z")


class _Told(BaseModel):
    age: int


def _database(words: str) -> None:
    with create_engine("sqlite://", hide_parameters=True).connect() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": words})


QUOTING: list[Callable[[str], object]] = [
    int,
    lambda words: dict[str, int]()[words],
    lambda words: _Told(age=words),
    lambda words: _Told.model_validate({"age": {"name": words}}),
    lambda words: TypeAdapter(list[int]).validate_python([words, f'"{words}"']),
    lambda words: json.loads(json.dumps(words)[:-1]),
    _database,
]
"""Ways in which a library's error would quote what people wrote."""


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    library = logging.getLogger("aiokafka")  # whoever opened a bus on Kafka before has silenced it
    silenced = library.level
    library.setLevel(logging.NOTSET)
    yield
    library.setLevel(silenced)
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def said(capsys: pytest.CaptureFixture[str], *, as_json: bool, log: Callable[[], None]) -> str:
    capsys.readouterr()
    logs.configure(json=as_json)
    log()
    shown = capsys.readouterr().err
    assert shown
    return shown


def fail(error: Exception, cause: Exception) -> None:
    raise error from cause


def places(identity: str) -> list[Any]:
    return [
        identity,
        f"dari {identity}, segera",
        [identity, (identity,)],
        {"parts": {"from": {identity}}, identity: 1},
        ValueError(identity),
        identity.encode(),
        f"https://hub.example/in?of={quote(identity)}&with=%20{quote(identity, safe='')}",
    ]


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(identity=identities)
def test_no_identity_wherever_it_stands(capsys: pytest.CaptureFixture[str], *, as_json: bool, identity: str) -> None:
    def log() -> None:
        for number, value in enumerate(places(identity)):
            structlog.get_logger().warning(f"event {number}", value=value)
            structlog.get_logger().warning(f"event {identity}", **{f"of {identity}": value})
            logging.getLogger("aiokafka").warning("no answer to %s: %r", identity, value)
        cause = RuntimeError(f"sent by {identity}")
        cause.add_note(f"note {identity}")
        try:
            fail(ConnectionError(f"to {identity}"), cause)
        except ConnectionError as error:
            group = ExceptionGroup(f"all of {identity}", [error, OSError(f"file {identity}")])
            structlog.get_logger().error("failed", exc_info=group)
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application")

    shown = said(capsys, as_json=as_json, log=log)
    assert "ConnectionError" in shown
    for form in (identity, quote(identity), quote(identity, safe=""), identity.lstrip("+")):
        assert form not in shown


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=names)
def test_no_name_that_an_error_quotes(capsys: pytest.CaptureFixture[str], *, as_json: bool, name: str) -> None:
    def log() -> None:
        for number, quote_it in enumerate(QUOTING):
            try:
                quote_it(name)
            except Exception as error:
                structlog.get_logger().error(f"step {number}", exc_info=error)
                logging.getLogger("sqlalchemy.pool").exception("fault")
            else:
                pytest.fail("it was to fail")

    shown = said(capsys, as_json=as_json, log=log)
    assert shown.count("test_nobody.py") >= len(QUOTING)
    assert name.split(maxsplit=1)[0] not in shown
    assert name.split()[1] not in shown


def test_what_is_said_again_and_again_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    now = [0.0]
    repetition = Repetition(now=lambda: now[0], timed=False)
    as_json = structlog.processors.JSONRenderer()
    structlog.configure(processors=[structlog.processors.add_log_level, repetition, as_json])
    log = structlog.get_logger()
    capsys.readouterr()

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    for number in range(ALLOWED + 1234):
        log.warning("waiting", part="intake", number=number)
    assert len(lines()) == ALLOWED
    # Another part, and another level, is news.
    log.warning("waiting", part="settling")
    log.error("waiting", part="intake")
    assert len(lines()) == 2
    now[0] = 60.0
    log.info("pruned")
    told = lines()
    assert told[0] == {
        "event": "waiting (repeated 1,234 times in 60 s)",
        "level": "warning",
        "part": "intake",
        "repeated": 1234,
    }
    assert told[1]["event"] == "pruned"
    # A new minute begins anew; what ends in between is told at the end.
    for _ in range(ALLOWED + 3):
        log.warning("waiting", part="intake")
    assert len(lines()) == ALLOWED
    repetition.flush()
    assert [line["repeated"] for line in lines()] == [3]


def test_so_is_what_libraries_say(capsys: pytest.CaptureFixture[str]) -> None:
    flush = logs.configure(json=True)
    for number in range(ALLOWED + 5):
        logging.getLogger("aiokafka").warning("node %s is not ready", number)
    flush()
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(told) == ALLOWED + 1
    assert told[-1]["event"] == "node %s is not ready (repeated 5 times in 0 s)"
