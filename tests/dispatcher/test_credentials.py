"""Every way to prove who we are, as a hub sees it over a socket; and that nothing of it is kept."""

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Received
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dispatcher.client import HubClient
from dispatcher.hub import BadHub, Hub
from dispatcher.pacing import Pace
from recipes.hubs.answers import HubAnswer
from recipes.hubs.models import HubProfile
from recipes.hubs.profile import Profile
from recipes.hubs.requests import Request
from runtime.delivery.outcomes import Retry, Stop, Wait
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import Sealer
from sandbox.other_hubs.simulation import Seen, Simulation

from .conftest import Clock

SECRETS = {"kunci": "k-1&ü", "nama": "kota", "gerbang": "g-1"}
XML = {"format": "xml", "body": {"a": {"object": {"Kepala": {"value": ""}, "isi": "private.text"}}}}


class Anything(Simulation):
    """Takes everything; gives tokens, and refuses those that it withdrew."""

    def __init__(self) -> None:
        self.given = 0
        self.withdrawn = False
        self.grant: dict[str, Any] = {"expires_in": 3600}
        self.grant_status = 200
        routes = [Route("/token", self._token, methods=["POST"]), Route("/{rest:path}", self._take, methods=["POST"])]
        super().__init__(Starlette(routes=routes))

    async def _token(self, _: Received) -> Response:
        self.given += 1
        self.withdrawn = False
        return JSONResponse({"access_token": f"t-{self.given}", **self.grant}, self.grant_status)

    async def _take(self, _: Received) -> Response:
        return JSONResponse({}, 401) if self.withdrawn else JSONResponse({"id": 17})


@pytest.fixture
async def anything() -> AsyncIterator[Anything]:
    async with Anything() as running:
        yield running


def made(auth: dict[str, Any], create: dict[str, Any] | None = None, **more: Any) -> Profile:  # noqa: ANN401 any field
    fields = {"method": "POST", "path": "/x", "body": {"isi": "private.text"}, **(create or {})}
    return Profile(
        HubProfile.model_validate(
            {"name": "p", "title": "P", "auth": auth, "create": fields, "answer": {"tracking_id": "body.id"}, **more}
        )
    )


def rendered(profile: Profile) -> Request:
    document = {"complaint": {}, "private": {"text": "Lampu"}, "delivery": {"id": "d-1"}}
    return profile.templates["create"].render(document, Hub(profile, "http://hub.example").context)


async def sent(anything: Anything, profile: Profile, *, key: str | None = None) -> Seen:
    frozen = rendered(profile).freeze()
    assert not any(secret.encode() in frozen for secret in SECRETS.values())
    async with client(anything, profile) as speaking:
        answer = await speaking.ask(Request.thaw(frozen), "create", key=key)
    assert isinstance(answer, HubAnswer), answer
    return anything.seen[-1]


def client(anything: Anything, profile: Profile, clock: Clock | None = None, **hub: Any) -> HubClient:  # noqa: ANN401
    made_of = Hub(profile, anything.url, SECRETS, **hub)
    made_of.check("p")
    return HubClient(made_of, clock or Clock(), ssl.create_default_context)


BASIC = "Basic " + base64.b64encode("kota:k-1&ü".encode()).decode()


@pytest.mark.parametrize(
    ("auth", "create", "proof"),
    [
        ({"kind": "none"}, {}, lambda s: "authorization" not in s.headers),
        (
            {"kind": "header", "name": "X-Kunci", "secret": "nama", "prefix": "Kunci "},
            {},
            lambda s: s.headers["x-kunci"] == "Kunci kota",
        ),
        ({"kind": "bearer", "secret": "nama"}, {}, lambda s: s.headers["authorization"] == "Bearer kota"),
        ({"kind": "basic", "user": "nama", "secret": "kunci"}, {}, lambda s: s.headers["authorization"] == BASIC),
        ({"kind": "query", "name": "k", "secret": "kunci"}, {}, lambda s: s.target == "/x?k=k-1%26%C3%BC"),
        (
            {"kind": "query", "name": "k", "secret": "kunci"},
            {"query": {"a": {"value": "1"}}},
            lambda s: s.target == "/x?a=1&k=k-1%26%C3%BC",
        ),
        (
            {"kind": "field", "name": "k", "secret": "kunci"},
            {},
            lambda s: json.loads(s.body) == {"isi": "Lampu", "k": "k-1&ü"},
        ),
        (
            {"kind": "field", "name": "kepala/k", "secret": "kunci"},
            {"body": {"kepala": {"object": {"v": {"value": 1}}}}},
            lambda s: json.loads(s.body) == {"kepala": {"v": 1, "k": "k-1&ü"}},
        ),
        (
            {"kind": "field", "name": "k", "secret": "kunci"},
            {"format": "form"},
            lambda s: parse_qsl(s.body.decode()) == [("isi", "Lampu"), ("k", "k-1&ü")],
        ),
        (
            {"kind": "field", "name": "k", "secret": "kunci"},
            {"format": "multipart"},
            lambda s: b'name="k"\r\n\r\nk-1&\xc3\xbc\r\n' in s.body and b'name="isi"\r\n\r\nLampu\r\n' in s.body,
        ),
        (
            {"kind": "attribute", "name": "token", "secret": "kunci"},
            XML,
            lambda s: s.body == '<a token="k-1&amp;ü"><Kepala/><isi>Lampu</isi></a>'.encode(),
        ),
        (
            {"kind": "element", "within": "Kepala/Sesi", "secret": "kunci"},
            XML,
            lambda s: s.body == "<a><Kepala><Sesi>k-1&amp;ü</Sesi></Kepala><isi>Lampu</isi></a>".encode(),
        ),
    ],
)
async def test_a_credential_stands_where_the_profile_says_and_nowhere_else(
    anything: Anything, auth: dict[str, Any], create: dict[str, Any], proof: Callable[[Seen], bool]
) -> None:
    gateway = {"header": "X-Gerbang", "secret": "gerbang"}
    seen = await sent(anything, made(auth, create, gateway=gateway))
    assert proof(seen), seen
    assert seen.headers["x-gerbang"] == "g-1"  # beside the hub's own


async def test_a_body_without_a_place_for_the_credential_stops_the_hub(anything: Anything) -> None:
    profile = made({"kind": "attribute", "name": "token", "secret": "kunci"})
    async with client(anything, profile) as speaking:
        found = await speaking.ask(rendered(profile), "create")
    assert isinstance(found, Stop)
    assert "format: xml" in found.reason
    assert anything.seen == []


@pytest.mark.parametrize(
    ("idempotency", "create", "proof"),
    [
        ({"header": "X-Sekali"}, {}, lambda s: s.headers["x-sekali"] == "d-1"),
        ({"field": "kunci.sekali"}, {}, lambda s: json.loads(s.body)["kunci.sekali"] == "d-1"),
        ({"field": "sekali"}, {"format": "form"}, lambda s: ("sekali", "d-1") in parse_qsl(s.body.decode())),
        ({"field": "Kepala/Kunci"}, {"format": "xml", "body": {"a": {"object": {"isi": "private.text"}}}},
         lambda s: s.body == b"<a><isi>Lampu</isi><Kepala><Kunci>d-1</Kunci></Kepala></a>"),
    ],
)  # fmt: skip
async def test_the_key_for_repetitions_stands_where_the_profile_says(
    anything: Anything, idempotency: dict[str, Any], create: dict[str, Any], proof: Callable[[Seen], bool]
) -> None:
    assert proof(await sent(anything, made({"kind": "none"}, create, idempotency=idempotency), key="d-1"))


async def test_files_are_put_into_the_body_when_it_is_sent_and_not_before(anything: Anything, tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path, Sealer(b"k" * 32))
    photo = await objects.put(b"\xff\xd8\x00 a photo")
    each = {"file": "object", "name": "filename", "type": "media_type"}
    fields = {"isi": "private.text", "lampiran": {"list": "complaint.attachments", "each": each}}
    profile = made({"kind": "field", "name": "k", "secret": "nama"}, {"format": "multipart", "body": fields})
    files = [{"object": photo, "filename": 'f"1.jpg', "media_type": "image/jpeg"}, {"object": None}, {"object": photo}]
    document = {"complaint": {"attachments": files}, "private": {"text": "Lampu"}, "delivery": {"id": "d"}}
    request = profile.templates["create"].render(document, Hub(profile, "http://hub.example").context)
    frozen = request.freeze()
    assert b"a photo" not in frozen

    async with HubClient(Hub(profile, anything.url, SECRETS), Clock(), ssl.create_default_context, objects) as speaking:
        for _ in range(2):
            assert isinstance(await speaking.ask(Request.thaw(frozen), "create"), HubAnswer)
        gone = json.loads(frozen.replace(photo.encode(), b"0" * 64))
        missing = await speaking.ask(Request.from_fields(gone), "create")
    assert isinstance(missing, Retry)
    assert "no longer stored" in missing.reason
    first, second = anything.seen
    assert first.body == second.body  # the same bytes at every try
    mark = first.headers["content-type"].partition("boundary=")[2]
    parts = first.body.split(f"--{mark}".encode())
    assert [part.partition(b"\r\n\r\n")[2] for part in parts[1:-1]] == [
        b"kota\r\n", b"Lampu\r\n", b"\xff\xd8\x00 a photo\r\n", b"\xff\xd8\x00 a photo\r\n",
    ]  # fmt: skip
    assert b'name="lampiran"; filename="f%221.jpg"\r\nContent-Type: image/jpeg' in parts[3]
    assert parts[-1] == b"--\r\n"
    with pytest.raises(ValueError, match="belongs to the format multipart"):
        made({"kind": "none"}, {"body": fields})


OAUTH = {"kind": "oauth2", "user": "nama", "secret": "kunci", "token_url": "/token", "scope": "lapor"}


async def test_a_token_is_asked_for_once_renewed_before_it_ends_and_after_a_401(anything: Anything) -> None:
    profile, clock = made({**OAUTH, "parameters": {"audience": "hub"}}), Clock()
    request = rendered(profile)
    async with client(anything, profile, clock) as speaking:

        async def uses() -> str:
            answer = await speaking.ask(request, "create")
            assert isinstance(answer, HubAnswer)
            assert answer.status == 200
            return anything.seen[-1].headers["authorization"]

        assert [await uses(), await uses()] == ["Bearer t-1", "Bearer t-1"]
        grant = anything.seen[0]
        assert grant.headers["authorization"] == "Basic " + base64.b64encode(b"kota:k-1%26%C3%BC").decode()
        assert dict(parse_qsl(grant.body.decode())) == {
            "grant_type": "client_credentials", "audience": "hub", "scope": "lapor",
        }  # fmt: skip
        clock.forward(3600 - 31)
        assert await uses() == "Bearer t-1"
        clock.forward(2)
        assert await uses() == "Bearer t-2"
        anything.withdrawn = True
        assert await uses() == "Bearer t-3"
        assert anything.given == 3


async def test_all_who_need_a_token_at_once_share_one_question(anything: Anything) -> None:
    profile = made(OAUTH)
    request = rendered(profile)
    async with client(anything, profile) as speaking:
        anything.grant_status = 503
        found = await asyncio.gather(*(speaking.ask(request, "create") for _ in range(16)))
        assert all(isinstance(each, Retry) for each in found)
        assert anything.given == 1
        anything.grant_status = 200
        assert await asyncio.gather(*(speaking.ask(request, "create") for _ in range(16)))
        assert anything.given == 2
        assert len(anything.seen) == 18


async def test_a_token_that_is_refused_again_and_again_stops_the_hub(anything: Anything) -> None:
    profile = made({**OAUTH, "client_by": "form"})
    request = rendered(profile)
    async with client(anything, profile, settings={"token_url": f"{anything.url}/token"}) as speaking:
        for status, expected in ((401, Stop), (400, Stop), (503, Retry), (429, Wait)):
            anything.grant_status = status
            found = await speaking.ask(request, "create")
            assert isinstance(found, expected), status
            assert not isinstance(found, Retry) or not found.counts
        assert {each.target for each in anything.seen} == {"/token"}  # nothing of a complaint was sent
        assert dict(parse_qsl(anything.seen[0].body.decode()))["client_secret"] == "k-1&ü"


def test_a_certificate_that_cannot_be_used_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    profile = made({"kind": "none"}, tls={"password": "kunci"})
    (tmp_path / "bad.pem").write_text("nothing")
    for url, settings, words in [
        ("http://hub.example", {}, "base_url begins with https://"),
        ("https://hub.example", {}, 'needs the setting "client_certificate"'),
        ("https://hub.example", {"client_certificate": "cert.pem"}, "absolute path"),
        ("https://hub.example", {"client_certificate": str(tmp_path / "none.pem")}, "there is no file"),
        ("https://hub.example", {"client_certificate": str(tmp_path / "bad.pem")}, "cannot be used"),
    ]:
        with pytest.raises(BadHub, match=words):
            Hub(profile, url, SECRETS, settings=settings).check("p")


def test_a_rate_lets_a_short_burst_through_and_then_one_after_the_other() -> None:
    now = 100.0
    pace = Pace(2.0, lambda: now)
    delays = [round(pace.delay(), 3) for _ in range(6)]
    assert delays == [0, 0, 0, 0, 0.5, 1.0]
    now += 10
    assert pace.delay() == 0
    slow = Pace(0.2, lambda: now)
    assert [slow.delay(), slow.delay()] == [0, 5]
    assert Pace(None).delay() == 0
