"""Each bad behaviour, as a sender meets it."""

import asyncio
import json
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from pydantic import ValidationError

from sandbox.hub.application import create_app
from sandbox.hub.server import HubSimulation

MakeForm = Callable[..., dict[str, Any]]

KEY = {"Idempotency-Key": "dlv-1"}


class Raw:
    """A sender that sees bytes, over a connection that it keeps open."""

    def __init__(self, hub: HubSimulation) -> None:
        self._address = hub.url.removeprefix("http://").split(":")

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self._address[0], int(self._address[1]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    def post(self, form: dict[str, Any], key: str | None = None) -> None:
        body = json.dumps(form).encode()
        head = "POST /api/v1/pengaduan HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer token-pengirim\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head += f"Idempotency-Key: {key}\r\n\r\n" if key else "\r\n"
        self.writer.write(head.encode() + body)

    async def whole(self) -> bytes:
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return head + await self.reader.readexactly(int(length.split(b":")[1]))

    async def until_broken(self) -> tuple[bytes, type[Exception] | None]:
        received = b""
        try:
            while part := await self.reader.read(65536):
                received += part
        except ConnectionResetError as error:
            return received, type(error)
        return received, None


@pytest.mark.parametrize(
    "place", ["0", "1", "mid-headers", "headers end", "mid-body", "last but one", "last", "beyond"]
)
async def test_the_connection_breaks_at_the_exact_byte(hub: HubSimulation, form: MakeForm, place: str) -> None:
    async with Raw(hub) as sender:
        # One whole answer first: its length is known then, and the connection is one that was kept alive.
        sender.post(form("cmp-0"))
        answer = await sender.whole()
        headers = answer.index(b"\r\n\r\n") + 4
        count = {
            "0": 0,
            "1": 1,
            "mid-headers": headers // 2,
            "headers end": headers,
            "mid-body": headers + (len(answer) - headers) // 2,
            "last but one": len(answer) - 1,
            "last": len(answer),
            "beyond": len(answer) + 50,
        }[place]
        hub.behave(drop_at_byte=count, next_n={"p_drop_after_accept": 1})
        sender.post(form("cmp-1"))
        received, error = await sender.until_broken()

    assert error is None
    assert len(received) == min(count, len(answer))
    assert b"HTTP/1.1 201 Created\r\n".startswith(received[:22])
    [found] = await hub.find("cmp-1")
    assert found.status == "belum_diverifikasi"
    assert (await hub.summary()).requests == {"answered_201": 1, "dropped": 1}


@pytest.mark.parametrize("count", [0, 40])
async def test_the_connection_can_break_with_a_reset(hub: HubSimulation, form: MakeForm, count: int) -> None:
    hub.behave(drop_at_byte=count, drop_with="rst", next_n={"p_drop_after_accept": 1})
    async with Raw(hub) as sender:
        sender.post(form())
        received, error = await sender.until_broken()

    assert error is ConnectionResetError
    assert len(received) <= count
    assert len(await hub.find("cmp-1")) == 1


async def test_after_a_break_the_report_is_found_and_a_retry_does_not_double_it(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    hub.behave(drop_at_byte=17, next_n={"p_drop_after_accept": 1})
    with pytest.raises(httpx.TransportError):
        await client.post("/pengaduan", json=form(), headers=KEY)

    found = (await client.get("/pengaduan", params={"referensi": "cmp-1"})).json()["laporan"]
    retry = await client.post("/pengaduan", json=form(), headers=KEY)
    assert retry.status_code == 200
    assert [report["tracking_id"] for report in found] == [retry.json()["tracking_id"]]
    assert (await hub.summary()).doubled == 0


async def test_a_break_waits_for_a_report_that_was_accepted(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    hub.behave(next_n={"p_drop_after_accept": 1})

    assert (await client.get("/kategori")).status_code == 200
    assert (await client.post("/pengaduan", json=form(judul=""))).status_code == 422
    assert hub.behaviour.next_n == {"p_drop_after_accept": 1}
    with pytest.raises(httpx.TransportError):
        await client.post("/pengaduan", json=form())
    assert hub.behaviour.next_n == {"p_drop_after_accept": 0}


async def test_half_an_answer_has_whole_headers_and_half_a_body(hub: HubSimulation, form: MakeForm) -> None:
    hub.behave(next_n={"p_half_answer": 1})
    async with Raw(hub) as sender:
        sender.post(form())
        received, _ = await sender.until_broken()

    head, _, body = received.partition(b"\r\n\r\n")
    promised = int(next(line for line in head.split(b"\r\n") if line.startswith(b"content-length")).split(b":")[1])
    assert len(body) == promised // 2
    assert len(await hub.find("cmp-1")) == 1


async def test_too_many_requests_for_the_next_two_only(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    hub.behave(retry_after=7, next_n={"p_429": 2})
    answers = [await client.post("/pengaduan", json=form(), headers=KEY) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 201]
    assert answers[0].headers["Retry-After"] == "7"
    assert (await hub.summary()).requests == {"answered_201": 1, "limited_429": 2}


async def test_retry_after_can_be_a_date_or_missing(hub: HubSimulation, client: httpx.AsyncClient) -> None:
    hub.behave(p_429=1, retry_after=60, retry_after_as="date")
    given = parsedate_to_datetime((await client.get("/kategori")).headers["Retry-After"]).timestamp()
    hub.behave(p_429=1, retry_after=None)
    missing = await client.get("/kategori")

    assert 50 <= given - time.time() <= 61
    assert missing.status_code == 429
    assert "Retry-After" not in missing.headers


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_stores_nothing(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm, status: int
) -> None:
    hub.behave(status_5xx=status, next_n={"p_5xx": 1})
    answer = await client.post("/pengaduan", json=form(), headers=KEY)

    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert (await hub.summary()).reports == 0


async def test_a_server_error_can_hide_an_accepted_report(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    hub.behave(accept_before_5xx=True, status_5xx=504, next_n={"p_5xx": 1})

    assert (await client.post("/pengaduan", json=form(), headers=KEY)).status_code == 504
    assert (await client.post("/pengaduan", json=form(), headers=KEY)).status_code == 200
    assert (await hub.summary()).requests == {"accepted_then_5xx": 1, "answered_200": 1}


async def test_a_token_that_is_refused_though_right(hub: HubSimulation, client: httpx.AsyncClient) -> None:
    hub.behave(p_401=1)
    assert (await client.get("/kategori")).status_code == 401
    hub.behave()
    assert (await client.get("/kategori")).status_code == 200


@pytest.mark.parametrize("shape", ["broken", "html", "empty", "other_shape"])
async def test_a_wrong_body_comes_with_a_good_status(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm, shape: str
) -> None:
    hub.behave(wrong_json=shape, next_n={"p_wrong_json": 1})
    answer = await client.post("/pengaduan", json=form())

    assert answer.status_code == 201
    if shape == "other_shape":
        assert "tracking_id" not in answer.json()
    else:
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    assert len(await hub.find("cmp-1")) == 1


async def test_an_outage_answers_503_or_not_at_all_and_ends(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    hub.behave(outage=True, retry_after=30)
    refused = await client.post("/pengaduan", json=form())
    hub.behave(outage=True, outage_mode="closed")
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post("/pengaduan", json=form())
    hub.behave()
    accepted = await client.post("/pengaduan", json=form())

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert accepted.status_code == 201
    assert (await hub.summary()).requests == {"answered_201": 1, "outage": 2}


async def test_latency_is_waited_before_the_answer(hub: HubSimulation, client: httpx.AsyncClient) -> None:
    hub.behave(latency_ms=120, next_n={"latency_ms": 1})
    began = time.perf_counter()
    await client.get("/kategori")

    assert time.perf_counter() - began >= 0.12
    hub.behave(latency_ms=400)
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/kategori", timeout=0.05)


async def test_the_dice_follow_the_seed(hub: HubSimulation, client: httpx.AsyncClient) -> None:
    async def throws(seed: int) -> list[int]:
        hub.behave(seed=seed, p_5xx=0.5)
        return [(await client.get("/kategori")).status_code for _ in range(24)]

    first = await throws(1)
    assert first == await throws(1)
    assert first != await throws(2)
    assert set(first) == {200, 502}


async def test_behaviour_is_switched_over_http_by_the_administrator_only(
    hub: HubSimulation, admin: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    set_ = await admin.put("/perilaku", json={"p_429": 1, "retry_after": 3, "next_n": {"p_5xx": 2}})
    assert set_.status_code == 200
    assert (await admin.get("/perilaku")).json()["next_n"] == {"p_5xx": 2}
    assert (await client.get("/kategori")).status_code == 429
    assert (await admin.put("/perilaku", json={})).json()["p_429"] == 0
    assert (await client.get("/kategori")).status_code == 200

    assert (await client.put(f"{hub.url}/_simulasi/perilaku", json={})).status_code == 401
    wrong = await admin.put("/perilaku", json={"p_429": 2, "p_430": 1})
    assert {error["kolom"] for error in wrong.json()["galat"]} == {"p_429", "p_430"}
    with pytest.raises(ValidationError):
        hub.behave(p_430=1)


async def test_without_the_cutting_server_a_break_says_so(database: Path, form: MakeForm) -> None:
    app = create_app(database, token="t", admin_token="a")
    headers = {"Authorization": "Bearer t"}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub", headers=headers) as http:
            await http.put("/_simulasi/perilaku", json={"p_half_answer": 1}, headers={"Authorization": "Bearer a"})
            answer = await http.post("/api/v1/pengaduan", json=form())

    assert answer.status_code == 500
    assert "HubSimulation" in answer.text
