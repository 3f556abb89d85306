"""The HTTP door, over real sockets where that matters and over ASGI elsewhere."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import structlog
import uvicorn
from fastapi import FastAPI

from connectors.acceptance import Acceptance
from connectors.settings import WebhookSettings
from connectors.source import Source
from connectors.webhook.router import router
from recipes.channel import Channel
from recipes.mapped import Mapped

from .conftest import NOW, House, make_channel

APP_SECRET = "rahasia-aplikasi"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MESSAGE = {"id": "wamid.1", "from": "6281100000001", "text": "Lampu jalan mati"}


@pytest.fixture
def meta() -> Channel:
    """Batches with statuses, an HMAC over the raw body, a handshake."""
    return make_channel(
        "meta",
        {
            "handshake": {"kind": "meta", "secret": "verify"},
            "signature": {
                "scheme": "hmac_sha256_hex", "header": "X-Hub-Signature-256", "prefix": "sha256=", "secret": "app",
            },
            "decode": "json",
            "split": {"each": [{"list": "body.messages", "as": "message"}], "keep": {"message": "message"}},
            "receipts": [{"each": [{"list": "body.statuses", "as": "status"}], "name": "status.status"}],
            "external_id": "message.id",
            "sender": "message.from",
        },
        {"text": "message.text"},
    )  # fmt: skip


@pytest.fixture
def telephone() -> Channel:
    """A form, signed with the public address."""
    return make_channel(
        "telepon",
        {
            "signature": {"scheme": "twilio", "header": "X-Twilio-Signature", "secret": "auth"},
            "answer": {"media_type": "application/xml", "body": "<Response/>"},
            "decode": "form",
            "external_id": "MessageSid",
            "sender": "From",
        },
        {"text": "Body"},
    )


def signed(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def batch(*messages: object, **more: object) -> bytes:
    return json.dumps({"messages": list(messages), **more}).encode()


@asynccontextmanager
async def client(
    house: House,
    *sources: Source,
    acceptance: Acceptance | None = None,
    **settings: Any,  # noqa: ANN401 any setting of the door
) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(
        router({s.route: s for s in sources}, acceptance or house.acceptance, WebhookSettings(**settings))
    )
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://muara.example") as http:
        yield http


@pytest.fixture
def source(make_source: Callable[..., Source], meta: Channel) -> Source:
    return make_source(meta, secrets={"app": (APP_SECRET,), "verify": ("sandi-verifikasi",)})


async def test_a_signed_message_is_durable_before_200(house: House, source: Source) -> None:
    body = batch(MESSAGE)
    async with client(house, source) as http:
        response = await http.post("/in/sumber-1", content=body, headers=signed(body) | {"traceparent": TRACE})
    assert response.status_code == 200
    assert response.json() == {"accepted": 1}
    [raw] = await house.raws()
    assert house.external_id(raw) == "wamid.1"
    assert raw.traceparent == TRACE


@pytest.mark.parametrize("header", ["", "00-1-2-01", "6281100000001", TRACE.upper()])
async def test_a_trace_context_that_is_none_is_left_out(house: House, source: Source, header: str) -> None:
    body = batch(MESSAGE)
    async with client(house, source) as http:
        await http.post("/in/sumber-1", content=body, headers=signed(body) | {"traceparent": header})
    [raw] = await house.raws()
    assert raw.traceparent is None


async def test_trap_1_same_id_at_the_same_instant_over_two_sockets(house: House, source: Source) -> None:
    app = FastAPI()
    app.include_router(router({source.route: source}, house.acceptance, WebhookSettings()))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 uvicorn tells by an attribute
        await asyncio.sleep(0.01)
    address = server.servers[0].sockets[0].getsockname()
    body = batch(MESSAGE)

    async def send() -> int:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{address[1]}", trust_env=False) as http:
            return (await http.post("/in/sumber-1", content=body, headers=signed(body))).status_code

    try:
        assert [*await asyncio.gather(send(), send())] == [200, 200]
    finally:
        server.should_exit = True
        await serving
    one, two = await house.raws()
    assert one.message_id == two.message_id, "the normalizer's inbox keeps one of them"
    assert one.conversation == two.conversation


async def test_trap_3_several_messages_and_statuses_in_one_request(house: House, source: Source) -> None:
    body = batch(
        *({**MESSAGE, "id": f"wamid.{n}"} for n in range(3)), statuses=[{"status": "read"}, {"status": "delivered"}]
    )
    async with client(house, source) as http:
        response = await http.post("/in/sumber-1", content=body, headers=signed(body))
    assert response.json() == {"accepted": 3}
    assert [house.external_id(raw) for raw in await house.raws()] == ["wamid.0", "wamid.1", "wamid.2"]
    assert house.counted("meta", "receipt") == 2
    assert house.bus.publications == 1


async def test_trap_4_a_bad_message_in_the_middle_of_a_batch(house: House, source: Source) -> None:
    body = batch({**MESSAGE, "id": "1"}, "bukan pesan", {**MESSAGE, "id": "3"})
    async with client(house, source) as http:
        assert (await http.post("/in/sumber-1", content=body, headers=signed(body))).status_code == 200
    defects = [raw.defect for raw in await house.raws()]
    assert [bool(defect) for defect in defects] == [False, True, False]
    assert house.counted("meta", "defect") == 1


@pytest.mark.parametrize("body", [b"{", b"", b"[1]", b"\xff\x00", b'{"messages": 7}', b"[" * 100_000])
async def test_signed_but_malformed_is_200_and_a_dead_letter(house: House, source: Source, body: bytes) -> None:
    async with client(house, source) as http:
        assert (await http.post("/in/sumber-1", content=body, headers=signed(body))).status_code == 200
    [raw] = await house.raws()
    assert raw.defect
    assert await house.payload(raw) == body


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": signed(batch(MESSAGE))["X-Hub-Signature-256"].removeprefix("sha256=")},
        {"X-Hub-Signature-256": b"sha256=\xc3\xa9"},
        signed(batch(MESSAGE), "salah"),
        signed(b"another body"),
    ],
)
async def test_a_bad_signature_is_401_and_counted(house: House, source: Source, headers: Mapping[str, Any]) -> None:
    async with client(house, source) as http:
        response = await http.post("/in/sumber-1", content=batch(MESSAGE), headers=headers)
    assert response.status_code == 401
    assert set(response.json()) == {"error", "remedy"}
    assert house.counted("meta", "bad_signature") == 1
    assert await house.raws() == []


async def test_both_secrets_of_a_rotation_are_valid_and_the_third_is_not(
    house: House, make_source: Callable[..., Source], meta: Channel
) -> None:
    source = make_source(meta, secrets={"app": ("baru", "lama")})
    body = batch(MESSAGE)
    async with client(house, source) as http:
        statuses = [
            (await http.post("/in/sumber-1", content=body, headers=signed(body, secret))).status_code
            for secret in ("baru", "lama", "lebih-lama")
        ]
    assert statuses == [200, 200, 401]


@pytest.mark.parametrize("secrets", [{}, {"app": ()}, {"app": ("",)}])
async def test_a_missing_secret_never_opens_the_door(
    house: House, make_source: Callable[..., Source], meta: Channel, secrets: dict[str, tuple[str, ...]]
) -> None:
    body = batch(MESSAGE)
    async with client(house, make_source(meta, secrets=secrets)) as http:
        responses = [
            await http.post("/in/sumber-1", content=body, headers=signed(body, "")),
            await http.get("/in/sumber-1?hub.mode=subscribe&hub.verify_token=&hub.challenge=1"),
        ]
    assert [response.status_code for response in responses] == [503, 503]
    assert house.counted("meta", "misconfigured") == 2
    assert await house.raws() == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("hub.mode=subscribe&hub.verify_token=sandi-verifikasi&hub.challenge=1158201444", 200),
        ("hub.mode=subscribe&hub.verify_token=salah&hub.challenge=1158201444", 403),
        ("hub.mode=unsubscribe&hub.verify_token=sandi-verifikasi&hub.challenge=1", 403),
        ("hub.mode=subscribe&hub.verify_token=sandi-verifikasi", 403),
        ("", 403),
    ],
)
async def test_handshake(house: House, source: Source, query: str, status: int) -> None:
    async with client(house, source) as http:
        response = await http.get(f"/in/sumber-1?{query}")
    assert response.status_code == status
    if status == 200:
        assert response.text == "1158201444"
        assert response.headers["content-type"].startswith("text/plain")
    else:
        assert house.counted("meta", "handshake_failed") == 1


async def test_unknown_source_and_wrong_method(
    house: House, source: Source, make_source: Callable[..., Source], telephone: Channel
) -> None:
    other = make_source(telephone, id="sms", secrets={"auth": ("t",)})
    async with client(house, source, other) as http:
        responses = [
            await http.post("/in/tidak-ada"),
            await http.put("/in/sumber-1"),
            await http.delete("/in/sumber-1"),
            await http.get("/in/sms"),
        ]
    assert [response.status_code for response in responses] == [404, 405, 405, 405]
    assert all(set(response.json()) == {"error", "remedy"} for response in responses)
    assert responses[1].headers["allow"] == "GET, POST"
    assert house.counted("unknown", "unknown_source") == 1


async def test_the_address_may_be_the_secret(house: House, make_source: Callable[..., Source]) -> None:
    source = make_source(make_channel("tanpa_tanda", {"external_id": "id"}), path="f3a9c1d2e7")
    async with client(house, source) as http:
        assert (await http.post("/in/sumber-1", json={"id": "1"})).status_code == 404
        assert (await http.post("/in/f3a9c1d2e7", json={"id": "1"})).status_code == 200


async def test_oversize_is_413_whether_announced_or_streamed(house: House, source: Source) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 100_000:
            taken += 1
            yield b"x" * 1024

    async with client(house, source, max_body=4096) as http:
        announced = await http.post("/in/sumber-1", content=b"x" * 5000)
        streamed = await http.post("/in/sumber-1", content=endless())
    assert [announced.status_code, streamed.status_code] == [413, 413]
    assert house.counted("meta", "too_large") == 2
    assert await house.raws() == []


async def test_a_key_is_looked_at_before_the_body(house: House, make_source: Callable[..., Source]) -> None:
    channel = make_channel("kunci", {"signature": {"scheme": "token", "header": "X-Kunci", "secret": "k"}})

    read: list[str] = []

    async def body() -> AsyncIterator[bytes]:
        read.append("a stranger's body")
        yield b"{}"

    async with client(house, make_source(channel, secrets={"k": ("sandi",)})) as http:
        response = await http.post("/in/sumber-1", content=body(), headers={"X-Kunci": "tebakan"})
        assert (await http.post("/in/sumber-1", json={"text": "a"}, headers={"X-Kunci": "sandi"})).status_code == 200
    assert (response.status_code, read) == (401, [])


async def test_a_slow_body_is_408(house: House, source: Source) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with client(house, source, body_timeout=0.05) as http:
        assert (await http.post("/in/sumber-1", content=slow())).status_code == 408


async def test_compressed_bodies_are_415(house: House, source: Source) -> None:
    async with client(house, source) as http:
        response = await http.post("/in/sumber-1", content=b"x", headers={"Content-Encoding": "gzip"})
    assert response.status_code == 415
    assert "Content-Encoding" in response.json()["remedy"]


async def test_log_away_is_503_with_retry_after_and_nothing_is_lost_after_the_retry(
    house: House, source: Source
) -> None:
    body = batch(MESSAGE)
    async with client(house, source, retry_after=7) as http:
        house.bus.away = True
        refused = await http.post("/in/sumber-1", content=body, headers=signed(body))
        house.bus.away = False
        taken = await http.post("/in/sumber-1", content=body, headers=signed(body))
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "7"
    assert taken.status_code == 200
    assert [house.external_id(raw) for raw in await house.raws()] == ["wamid.1"]
    assert house.counted("meta", "unavailable") == 1
    assert house.counted("meta", "accepted") == 1


async def test_overload_is_503_for_those_who_do_not_fit(house: House, source: Source) -> None:
    inside, go = asyncio.Event(), asyncio.Event()
    body = batch(MESSAGE)

    async def held() -> AsyncIterator[bytes]:
        inside.set()
        await go.wait()
        yield body

    async with client(house, source, max_in_flight=1) as http:
        first = asyncio.create_task(http.post("/in/sumber-1", content=held(), headers=signed(body)))
        await inside.wait()
        second = await http.post("/in/sumber-1", content=body, headers=signed(body))
        go.set()
        assert (await first).status_code == 200
    assert second.status_code == 503
    assert second.headers["retry-after"]
    assert house.counted("meta", "overloaded") == 1


def twilio_signature(secret: str, url: str, form: Mapping[str, str]) -> str:
    text = url + "".join(key + form[key] for key in sorted(form))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


SMS = {"MessageSid": "SM1", "From": "+6281100000001", "Body": "Banjir é di RT 3", "NumMedia": "0", "To": ""}
PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "muara.kota.example"}


@pytest.mark.parametrize(
    ("settings", "headers", "url", "status"),
    [
        pytest.param(
            {"public_url": "https://muara.kota.example/gw/"}, {},
            "https://muara.kota.example/gw/in/sumber-1?a=b%20c", 200, id="public_url",
        ),
        pytest.param(
            {"trusted_proxies": ["127.0.0.0/8"]}, PROXY,
            "https://muara.kota.example/in/sumber-1?a=b%20c", 200, id="trusted proxy",
        ),
        pytest.param(
            {"trusted_proxies": ["127.0.0.0/8"]}, PROXY,
            "https://muara.kota.example:443/in/sumber-1?a=b%20c", 200, id="with the standard port",
        ),
        pytest.param(
            {"public_url": "https://muara.kota.example:8443"}, {},
            "https://muara.kota.example/in/sumber-1?a=b%20c", 200, id="signed without the port",
        ),
        pytest.param(
            {"trusted_proxies": ["10.0.0.0/8"]}, PROXY,
            "https://muara.kota.example/in/sumber-1?a=b%20c", 401, id="a stranger's headers",
        ),
        pytest.param({}, {}, "http://muara.example/in/sumber-1?a=b%20c", 200, id="no proxy"),
        pytest.param({}, {}, "http://muara.example/in/sumber-1", 401, id="without the query"),
    ],
)  # fmt: skip
async def test_twilio_behind_a_proxy(  # noqa: PLR0917 a table's columns
    house: House,
    make_source: Callable[..., Source],
    telephone: Channel,
    settings: dict[str, Any],
    headers: dict[str, str],
    url: str,
    status: int,
) -> None:
    source = make_source(telephone, secrets={"auth": ("kunci-lain", "kunci-sms")})
    signature = {"X-Twilio-Signature": twilio_signature("kunci-sms", url, SMS)}
    async with client(house, source, **settings) as http:
        response = await http.post(
            "/in/sumber-1?a=b%20c", content=urlencode(SMS).encode(), headers=FORM | headers | signature
        )
    assert response.status_code == status
    if status == 200:
        assert response.text == "<Response/>"
        assert response.headers["content-type"] == "application/xml"
        [raw] = await house.raws()
        assert house.external_id(raw) == "SM1"


@pytest.mark.parametrize(
    ("signature", "request_parts", "status"),
    [
        ({"scheme": "token", "header": "X-API-Key"}, {"headers": {"x-api-key": "kunci"}}, 200),
        ({"scheme": "token", "header": "X-API-Key"}, {"headers": {"x-api-key": "kunc"}}, 401),
        ({"scheme": "token", "header": "X-API-Key"}, {}, 401),
        ({"scheme": "token", "query": "token"}, {"params": {"token": "kunci"}}, 200),
        ({"scheme": "token", "query": "token"}, {"headers": {"token": "kunci"}}, 401),
        ({"scheme": "token", "header": "Authorization", "prefix": "Bearer "},
         {"headers": {"Authorization": "Bearer kunci"}}, 200),
        ({"scheme": "token", "header": "Authorization", "prefix": "Bearer "},
         {"headers": {"Authorization": "kunci"}}, 401),
        ({"scheme": "basic"}, {"auth": ("kun", "ci")}, 401),
        ({"scheme": "none"}, {}, 200),
    ],
)  # fmt: skip
async def test_keys_of_agencies(
    house: House,
    make_source: Callable[..., Source],
    signature: dict[str, str],
    request_parts: dict[str, Any],
    status: int,
) -> None:
    if signature["scheme"] != "none":
        signature = signature | {"secret": "kunci"}
    channel = make_channel("opd", {"signature": signature, "external_id": "id"})
    async with client(house, make_source(channel, secrets={"kunci": ("kunci",)})) as http:
        assert (await http.post("/in/sumber-1", json={"id": 1}, **request_parts)).status_code == status


async def test_basic_and_the_other_digests(house: House, make_source: Callable[..., Source]) -> None:
    body, secret = b'{"id":1}', "pengguna:sandi"

    def digest(name: str) -> bytes:
        return hmac.digest(secret.encode(), body, name)

    proofs = {
        "basic": "Basic " + base64.b64encode(secret.encode()).decode(),
        "hmac_sha256_base64": base64.b64encode(digest("sha256")).decode(),
        "hmac_sha1_hex": digest("sha1").hex().upper(),
        "hmac_sha1_base64": base64.b64encode(digest("sha1")).decode(),
    }
    for scheme, proof in proofs.items():
        channel = make_channel(
            "opd", {"signature": {"scheme": scheme, "header": "Authorization", "secret": "s"}, "external_id": "id"}
        )
        async with client(house, make_source(channel, secrets={"s": (secret,)})) as http:
            good = await http.post("/in/sumber-1", content=body, headers={"Authorization": proof})
            bad = await http.post("/in/sumber-1", content=body, headers={"Authorization": proof[:-4] + "0000"})
        assert (good.status_code, bad.status_code) == (200, 401), scheme


async def test_a_gateway_that_delivers_by_get(house: House, make_source: Callable[..., Source]) -> None:
    channel = make_channel(
        "kannel",
        {
            "decode": "query", "signature": {"scheme": "token", "query": "k", "secret": "k"}, "external_id": "id",
            "charset": {"of": "text", "named_by": "charset"},
        },
    )  # fmt: skip
    async with client(house, make_source(channel, secrets={"k": ("sandi",)})) as http:
        assert (await http.get("/in/sumber-1?id=9&k=sandi&text=%D8%3D%DE%21&charset=UTF-16BE")).status_code == 200
        assert (await http.get("/in/sumber-1?id=9&k=lain")).status_code == 401
        assert (await http.post("/in/sumber-1?k=sandi&id=10&text=air+mati")).status_code == 200
    raw, posted = await house.raws()
    assert (house.external_id(raw), house.external_id(posted)) == ("9", "10")
    payload = await house.payload(raw)
    assert payload == b"id=9&text=%D8%3D%DE%21&charset=UTF-16BE", "as it came, without the key"
    mapped = channel.map(payload, raw.media_type, zone="Asia/Jakarta")
    assert isinstance(mapped, Mapped)
    assert mapped.text == "😡"


async def test_trap_13_logs_hold_no_secret_no_payload_no_identity(
    house: House, source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    body = batch(MESSAGE)
    with structlog.testing.capture_logs() as entries:
        async with client(house, source) as http:
            await http.post("/in/sumber-1", content=body, headers=signed(body))
            await http.post("/in/sumber-1", content=body, headers=signed(body, "salah"))
            await http.get("/in/sumber-1?hub.mode=subscribe&hub.verify_token=tebakan&hub.challenge=1")
            house.bus.away = True
            await http.post("/in/sumber-1", content=body, headers=signed(body))
    shown = json.dumps(entries, default=repr) + "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("httpx")
    )
    assert len(entries) == 3
    assert "bad_signature" in shown
    for secret in (
        APP_SECRET,
        "sandi-verifikasi",
        "tebakan",
        "6281100000001",
        "Lampu",
        "wamid",
        signed(body)["X-Hub-Signature-256"],
    ):
        assert secret not in shown
    assert APP_SECRET not in repr(source)


async def test_a_fault_of_ours_is_json_and_says_nothing(
    house: House, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("6281100000001")

    acceptance = Acceptance(house.bus, house.sealing, house.objects, lambda: NOW, house.metrics)  # type: ignore[arg-type]
    monkeypatch.setattr(acceptance, "accept_all", broken)
    body = batch(MESSAGE)
    with structlog.testing.capture_logs() as entries:
        async with client(house, source, acceptance=acceptance) as http:
            response = await http.post("/in/sumber-1", content=body, headers=signed(body))
    assert response.status_code == 500
    assert set(response.json()) == {"error", "remedy"}
    assert entries[0]["why"].startswith("a fault of ours: ZeroDivisionError at test_webhook.py:")
    assert "6281100000001" not in json.dumps(entries)


async def test_a_thousand_at_the_same_instant_are_taken_or_asked_to_come_again(house: House, source: Source) -> None:
    """Whoever is refused is told when to come again; in the end each message is on the log once."""
    waiting = {f"wamid.{number}" for number in range(1000)}
    refused = 0
    async with client(house, source, max_in_flight=200) as http:

        async def post(ident: str) -> tuple[str, httpx.Response]:
            body = batch(MESSAGE | {"id": ident})
            return ident, await http.post("/in/sumber-1", content=body, headers=signed(body))

        while waiting:
            answers = await asyncio.gather(*(post(ident) for ident in sorted(waiting)))
            assert {answer.status_code for _, answer in answers} <= {200, 503}
            assert all(answer.headers["retry-after"] for _, answer in answers if answer.status_code == 503)
            refused += sum(answer.status_code == 503 for _, answer in answers)
            taken = {ident for ident, answer in answers if answer.status_code == 200}
            assert taken, "nobody at all was taken"
            waiting -= taken
    assert refused > 0, "there was no crowd"
    kept = [house.external_id(raw) for raw in await house.raws()]
    assert (len(kept), len(set(kept))) == (1000, 1000)
