"""What figures are made of: turns, ratios, spread, what is kept, and the traffic."""

import asyncio
import json
from contextlib import closing, suppress
from pathlib import Path

import pytest

from benchmarks import page, results, traffic
from benchmarks.load import flood, pace, request
from benchmarks.parts import Plan, in_turns
from benchmarks.report import KEYS, beside, last_line
from benchmarks.results import Measured
from recipes.inbound import Inbound


async def test_arms_take_turns_forwards_and_backwards() -> None:
    order: list[str] = []

    def arm(name: str) -> float:
        order.append(name)
        return float(len(order))

    async def one() -> float:
        return arm("a")

    async def two() -> float:
        return arm("b")

    found = await in_turns({"a": one, "b": two}, Plan(seconds=0, least=3), lambda _: None)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found["a"].values == (1, 4, 5)


def test_a_ratio_is_taken_round_by_round() -> None:
    slow, fast = Measured.of([10, 5, 20]), Measured.of([100, 50, 200])
    ratio = slow.over(fast)
    assert ratio.values == (0.1, 0.1, 0.1)
    assert ratio.spread == 0  # the machine's bad moments cancel out
    assert slow.spread > 0.3
    with pytest.raises(ValueError, match="nothing was measured"):
        Measured.of([])


def test_a_result_is_kept_and_the_next_one_stands_beside_it(tmp_path: Path) -> None:
    assert results.last("bench", folder=tmp_path) is None
    results.keep("bench", {"scale": 1, "figures": {"full_vs_ceiling": 0.1, "e2e_per_s": 100}}, folder=tmp_path)
    before = results.last("bench", folder=tmp_path)
    now = {"full_vs_ceiling": Measured.of([0.05]), "e2e_per_s": Measured.of([110])}
    fell, rose = beside(now, before, "last", 1)
    assert "-50%" in fell
    assert "moved" in fell
    assert "+10%" in rose
    assert "moved" not in rose
    assert beside(now, before, "last", 0.5) == ["the last result was measured at scale 1: not compared"]
    assert len(list(tmp_path.glob("bench-*.json"))) == 1


def test_the_committed_reference_holds_every_figure_and_the_page_shows_it() -> None:
    reference = results.reference("bench")
    assert reference is not None
    assert set(KEYS) <= set(reference["figures"])
    assert reference["machine"]["cores"] >= 1
    assert page.written(page.PAGE.read_text(encoding="utf-8"), reference) == page.PAGE.read_text(encoding="utf-8")


def test_the_last_line_shows_what_was_not_measured() -> None:
    line = last_line({"e2e_per_s": Measured.of([1234.4])})
    assert line.startswith("bench: passthrough_vs_ceiling=- ")
    assert line.endswith(" e2e_per_s=1234")


def test_traffic_has_the_lengths_and_shares_that_it_states() -> None:
    drawn = traffic.deliveries(2000)
    assert [each.body for each in drawn] == [each.body for each in traffic.deliveries(2000)]
    said = [json.loads(each.body)["entry"][0]["changes"][0]["value"]["messages"][0] for each in drawn]
    lengths = traffic.lengths([each["text"]["body"] for each in said])
    assert 180 <= lengths["median"] <= 230
    assert 600 <= lengths["p90"] <= 790
    again = [(each["from"], each["text"]["body"]) for each in said]
    ids = [each["id"] for each in said]
    assert len(ids) - len(set(ids)) == pytest.approx(2000 * traffic.USUAL.redelivered, abs=25)
    resent = len(set(ids)) - len(set(again))
    assert resent == pytest.approx(2000 * traffic.USUAL.resent, abs=25)


async def test_load_waits_for_whole_answers_and_charges_a_stall_to_everybody() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(asyncio.IncompleteReadError):  # until the client hangs up
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                body = await reader.readexactly(length)
                await stalled.wait()
                status = b"200 OK" if body == b"good" else b"503 No"
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Le")
                await writer.drain()
                writer.write(b"ngth: 2\r\n\r\nok")
        await writer.wait_closed()
        left.release()

    left = asyncio.Semaphore(0)
    stalled = asyncio.Event()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    good, bad = (request("/x", Inbound(body, "text/plain", {"x-a": "1"})) for body in (b"good", b"bad"))
    asyncio.get_running_loop().call_later(0.3, stalled.set)
    held = await pace(url, [good] * 10, per_second=1000, connections=1)
    assert held.only(200).waits[0] > 0.1  # also the last, which no connection was free for
    both = await flood(url, [good, bad] * 20, connections=4)
    assert both.statuses == {200: 20, 503: 20}
    with pytest.raises(RuntimeError, match="503"):
        both.only(200)
    server.close()
    async with asyncio.timeout(60):
        for _ in range(5):  # every connection was hung up on
            await left.acquire()
