"""What a recipe can say about an API that is polled: refused where it makes no sense, written as servers want it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from recipes.document import parse_text
from recipes.durations import span
from recipes.library import compile_document
from recipes.models import Recipe
from recipes.poll_model import Poll
from recipes.written_times import write_time

GUIDE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
MOMENT = datetime(2026, 11, 24, 3, 4, 5, 678_000, tzinfo=UTC)
SINCE = {"mark": "a.waktu"}


@pytest.mark.parametrize(
    ("form", "written", "up"),
    [
        ("ISO", "2026-11-24T03:04:05Z", "2026-11-24T03:04:06Z"),
        ("unix", "1795489445", "1795489446"),
        ("unix_ms", "1795489445678", "1795489445679"),
        ("YYYY-MM-DD HH:mm:ss", "2026-11-24 11:04:05", "2026-11-24 11:04:06"),
        ("DD/MM/YY [pukul] HH.mm", "24/11/26 pukul 11.04", "24/11/26 pukul 11.05"),
        ("YYYYMMDD", "20261124", "20261125"),
        ("YYYY-MM-DD[T]HH:mm:ssZ", "2026-11-24T11:04:05+0800", "2026-11-24T11:04:06+0800"),
    ],
)
def test_times_are_never_later_than_asked_or_with_up_never_earlier(form: str, written: str, up: str) -> None:
    assert write_time(MOMENT, form, "WITA") == written
    assert write_time(MOMENT, form, "Asia/Makassar", up=True) == up


@pytest.mark.parametrize(("text", "seconds"), [("45s", 45), ("1.5m", 90), ("6 h", 21_600), ("30d", 2_592_000)])
def test_spans(text: str, seconds: float) -> None:
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"method": "DELETE"}, "a poll only reads"),
        ({"pages": {"by": "cursor"}}, '`cursor:` belongs to pages by "cursor"'),
        ({"pages": {"by": "number", "next": "body.u"}}, '`next:` belongs to pages by "next"'),
        ({"since": {**SINCE, "overlap": "sebentar"}}, "is no span of time"),
        ({"since": {**SINCE, "format": "YYYY-MMMM-DD"}}, "cannot be written"),
        ({"since": {**SINCE, "format": "HH:mm"}}, "must name year, month and day"),
        ({"since": {**SINCE, "window": "30m", "start": "1d"}}, "four times as long"),
        ({"since": {**SINCE, "window": "30d"}}, "needs `start:`"),
        ({"since": {**SINCE, "at_most": 10}}, "needs `window:`"),
        ({"since": {**SINCE, "by": "number", "window": "30d"}}, 'belongs to marks by "time"'),
        ({"since": {**SINCE, "zone": "Bali"}}, 'there is no time zone "Bali"'),
        ({"since": {**SINCE, "overlap_numbers": 3}}, "write `overlap:`"),
        ({"auth": {"kind": "field", "name": "k", "secret": "k"}}, "a GET has no body"),
        ({"auth": {"kind": "bearer"}}, "needs `secret:`"),
        ({"detail": {"path": "x"}}, "match pattern"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_remedy(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(why)):
        Poll.model_validate({"path": "/x", **wrong})


@pytest.mark.parametrize(
    ("receive", "why"),
    [
        ({"transport": "rest"}, "belongs to the transport rest, which needs it"),
        ({"transport": "webhook", "poll": {"path": "/x"}}, "belongs to the transport rest"),
        ({"transport": "rest", "poll": {"path": "/x"}}, "needs `split:`"),
        (
            {
                "transport": "rest",
                "poll": {"path": "/x", "detail": {"path": "/y"}},
                "split": {"each": [{"list": "body", "as": "a"}], "keep": {"detail": "a"}},
            },
            "that of the detail",
        ),
    ],
)
def test_a_poll_belongs_to_its_transport(receive: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(why)):
        Recipe.model_validate({"channel": "a", "title": "A", "receive": receive, "map": {"text": "a"}})


def test_the_poll_of_the_guide_is_one() -> None:
    block = next(text for text in re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL) if "poll:" in text)
    recipe = f"channel: a\ntitle: A\n{block}map: {{text: aduan.isi}}\n"
    channel = compile_document(parse_text(recipe, "a.yaml"), ["rest"])
    assert channel.recipe.receive.secrets == ["token"]
