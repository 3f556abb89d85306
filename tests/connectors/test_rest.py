"""An agency's API, polled: no item is missed, however late it is listed; a hostile server holds nobody up."""

import asyncio
import base64
import gzip
import json
import ssl
from collections.abc import AsyncIterator, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

import connectors
from connectors.cursors import Cursors
from connectors.leases import Leases
from connectors.migrations import SERVICE, VERSIONS
from connectors.probing import probed
from connectors.rest.poller import RestPoller
from connectors.rest.settings import BadRestSettings, rest_settings
from connectors.rest.trouble import AskedToWait, BadAnswer, Denied, NoAnswer
from connectors.source import Source
from recipes.channel import Channel
from recipes.library import load_channel
from runtime.bus.protocol import BusUnavailable
from runtime.store.engine import Store
from sandbox.listening import Listening
from tests.stores import OpenStore
from tools.services import certificates

from .conftest import House, make_channel

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
BOTH_STORES = pytest.mark.parametrize("dialect", ["sqlite", "postgresql"], indirect=True)
SPLIT: dict[str, Any] = {"each": [{"list": "body.data", "as": "aduan"}], "keep": {"aduan": "aduan"}}
SINCE = {"mark": {"timestamp": "aduan.diubah"}, "overlap": "10m"}
POLL: dict[str, Any] = {
    "path": "/aduan",
    "query": {"sejak": "since", "halaman": "page", "dari": "offset", "c": "cursor"},
}


@dataclass
class Agency:
    """The agency's own system: its complaints, and how it answers."""

    items: list[dict[str, Any]] = field(default_factory=list)
    size: int = 3
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[Request], Response | None] = lambda _: None
    """What it answers in place of its list; None: the list."""

    def add(self, key: int, at: datetime | None = START, **more: Any) -> None:  # noqa: ANN401 any field
        self.items.append({"id": key, "diubah": at and at.isoformat(), "isi": "Air mati", **more})

    async def listed(self, request: Request) -> Response:
        self.asked.append(dict(request.query_params))
        self.headers.append(dict(request.headers))
        return self.answer(request) or JSONResponse({"data": self.page(request)})

    def page(self, request: Request) -> list[dict[str, Any]]:
        number = int(request.query_params.get("halaman", 1))
        return self.newer(request)[(number - 1) * self.size : number * self.size]

    def newer(self, request: Request) -> list[dict[str, Any]]:
        since = request.query_params.get("sejak", "")
        low = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None
        return [i for i in self.items if low is None or (i["diubah"] and datetime.fromisoformat(i["diubah"]) >= low)]

    async def one(self, request: Request) -> Response:
        self.asked.append({"one": request.path_params["id"]})
        answer = self.answer(request)
        found = next((i for i in self.items if str(i["id"]) == request.path_params["id"]), None)
        return answer or (JSONResponse(found) if found else JSONResponse({"pesan": "tidak ada"}, 404))


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """One polled source and all that belongs to it."""

    agency: Agency
    url: str
    house: House
    store: Store
    clock: Clock
    make: Callable[..., RestPoller]

    async def ids(self) -> list[str]:
        return [self.house.external_id(raw) for raw in await self.house.raws()]


def api(poll: dict[str, Any] | None = None, split: dict[str, Any] | None = None, **receive: Any) -> Channel:  # noqa: ANN401
    return make_channel(
        "api",
        {
            "transport": "rest",
            "poll": {**POLL, **(poll or {})},
            "split": split or SPLIT,
            "external_id": "aduan.id",
            **receive,
        },
        {"text": ["detail.isi", "aduan.isi"]},
    )


@pytest.fixture
async def server() -> AsyncIterator[tuple[Agency, str]]:
    agency = Agency()
    listening = Listening(
        Starlette(routes=[Route("/aduan", agency.listed, methods=["GET", "POST"]), Route("/aduan/{id}", agency.one)])
    )
    await listening.start()
    yield agency, listening.url
    await listening.stop()


@pytest.fixture(params=["sqlite"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Tests ask for both where it could make a difference."""
    return str(request.param)


@pytest.fixture
async def desk(
    server: tuple[Agency, str], house: House, make_source: Callable[..., Source], open_store: OpenStore
) -> AsyncIterator[Desk]:
    agency, url = server
    clock, store = Clock(), await open_store(SERVICE, VERSIONS)
    made: list[RestPoller] = []

    def make(channel: Channel | None = None, secrets: dict[str, Any] | None = None, **settings: Any) -> RestPoller:  # noqa: ANN401
        source = make_source(
            channel or api({"pages": {"by": "number"}, "since": SINCE}),
            settings={"url": url, "timeout": 5, **settings},
            secrets=secrets or {},
        )
        cursors = Cursors(store, lambda value: house.sealing.blind("row", value), clock)
        made.append(RestPoller(source, house.acceptance, cursors, Leases(store, clock, alone=True), clock))
        return made[-1]

    yield Desk(agency, url, house, store, clock, make)
    for poller in made:
        await poller.close()


@BOTH_STORES
async def test_items_become_messages_once_also_for_the_next_process(desk: Desk) -> None:
    poller = desk.make()
    for key in range(1, 8):
        desk.agency.add(key)
    assert await poller.round() == 7
    assert await poller.round() == 0
    desk.agency.add(8, START + timedelta(minutes=1))
    assert await desk.make().round() == 1
    assert await desk.ids() == [str(key) for key in range(1, 9)]
    raw = (await desk.house.raws())[0]
    assert json.loads(await desk.house.payload(raw))["aduan"]["isi"] == "Air mati"
    assert raw.provenance == "/aduan"
    assert desk.agency.asked[0]["halaman"] == "1"
    assert "sejak" not in desk.agency.asked[0]
    assert desk.agency.asked[-1]["sejak"] == "2026-11-24T02:50:00Z"


@BOTH_STORES
async def test_what_is_listed_late_is_found_by_the_overlap_and_later_still_by_looking_back(desk: Desk) -> None:
    poller = desk.make(api({"pages": {"by": "number"}, "since": {**SINCE, "look_back": "30d"}}))
    desk.agency.add(1, START - timedelta(hours=2))
    desk.agency.add(3, START)
    await poller.round()
    desk.agency.add(2, START - timedelta(minutes=9))
    assert await poller.round() == 1
    desk.agency.add(4, START - timedelta(days=3))
    assert await poller.round() == 0
    desk.clock.now += timedelta(days=1)
    assert await poller.round() == 1
    assert await poller.round() == 0
    assert await desk.ids() == ["1", "3", "2", "4"]
    assert desk.agency.asked[-1]["sejak"] == "2026-11-24T02:50:00Z"


@BOTH_STORES
async def test_a_time_in_the_far_future_and_none_at_all_blind_nobody(desk: Desk) -> None:
    poller = desk.make()
    desk.agency.add(1, START + timedelta(days=9000))
    desk.agency.add(2, None)
    desk.agency.add(3, START)
    assert await poller.round() == 3
    desk.agency.add(4, START + timedelta(minutes=1))
    assert await poller.round() == 1


@pytest.mark.parametrize("newest_first", [True, False])
async def test_a_server_that_breaks_in_the_middle_is_asked_from_there_on(desk: Desk, newest_first: bool) -> None:
    poller = desk.make()
    for key in range(1, 12):
        desk.agency.add(key, START + timedelta(minutes=key))
    desk.agency.items.sort(key=lambda i: i["diubah"], reverse=newest_first)
    broken = True
    desk.agency.answer = lambda r: Response("rusak", 500) if broken and r.query_params["halaman"] == "3" else None
    with pytest.raises(NoAnswer, match=r"answers 500 \(Internal Server Error\) to /aduan"):
        await poller.round()
    assert len(await desk.ids()) == 6
    broken = False
    desk.agency.asked.clear()
    poller = desk.make()
    assert await poller.round() == 5
    assert [q["halaman"] for q in desk.agency.asked] == ["2", "3", "4", "5"], "the page read last is read once more"
    assert sorted(map(int, await desk.ids())) == list(range(1, 12))
    desk.agency.add(99, START - timedelta(minutes=5))
    assert await poller.round() == 0, "the mark moved at the end"


async def test_a_page_that_stays_broken_is_passed_over_and_holds_the_mark(desk: Desk) -> None:
    poller = desk.make()
    for key in range(1, 12):
        desk.agency.add(key, START + timedelta(minutes=key))
    broken = True
    desk.agency.answer = lambda r: Response("rusak", 500) if broken and r.query_params["halaman"] == "3" else None
    for _ in range(2):
        with pytest.raises(NoAnswer, match="answers 500"):
            await poller.round()
    assert len(await desk.ids()) == 6
    with pytest.raises(NoAnswer, match="1 items or pages cannot be had, and hold the mark: page 3: the server answers"):
        await poller.round()
    assert sorted(map(int, await desk.ids())) == [1, 2, 3, 4, 5, 6, 10, 11]
    with pytest.raises(NoAnswer, match="page 3"):
        await poller.round()
    broken = False
    poller = desk.make(max_pages=2)
    assert sum([await poller.round() or 0 for _ in range(4)]) == 3, "it was asked for again, from the old mark on"
    assert len(await desk.ids()) == 11


async def test_a_round_asks_for_its_share_of_pages_and_the_next_goes_on(desk: Desk) -> None:
    for key in range(1, 12):
        desk.agency.add(key)
    poller = desk.make(max_pages=1)
    taken = [await poller.round() for _ in range(6)]
    assert taken[:4] == [3, 3, 3, 2]
    assert sum(filter(None, taken)) == 11


@pytest.mark.parametrize("by", ["number", "offset", "cursor", "link", "next"])
async def test_every_way_of_going_on(desk: Desk, by: str) -> None:
    for key in range(1, 8):
        desk.agency.add(key)

    def answer(request: Request) -> Response:
        query, size = request.query_params, 3
        begin = {
            "number": (int(query["halaman"]) - 1) * size,
            "offset": int(query["dari"]),
        }.get(by, int(query.get("c", "0")))
        more = begin + size < 7
        further = f"/aduan?c={begin + size}&dari=0&halaman=1"
        headers = {"Link": f'</aduan?c=0>; rel="first prev", <{further}>; rel="next"; title="a, b"'} if more else {}
        body = {
            "data": desk.agency.items[begin : begin + size],
            "lanjut": {"c": str(begin + size) if more else None, "url": f"{desk.url}{further}" if more else ""},
        }
        return JSONResponse(body, headers=headers)

    desk.agency.answer = answer
    ways: dict[str, dict[str, Any]] = {
        "cursor": {"cursor": "body.lanjut.c"},
        "next": {"next": "body.lanjut.url"},
        "offset": {"size": 3},
    }
    poller = desk.make(api({"pages": {"by": by, **ways.get(by, {})}}))
    assert await poller.round() == 7
    assert len(desk.agency.asked) == (4 if by == "number" else 3)
    assert await poller.round() == 0


async def test_a_server_that_always_gives_the_same_page_is_noticed(desk: Desk) -> None:
    for key in (1, 2, 3):
        desk.agency.add(key)
    desk.agency.answer = lambda _: JSONResponse({"data": desk.agency.items, "c": "lagi"})
    with pytest.raises(BadAnswer, match="only items of the pages before it"):
        await desk.make().round()
    assert len(desk.agency.asked) == 2
    with pytest.raises(BadAnswer, match="circle"):
        await desk.make(api({"pages": {"by": "cursor", "cursor": "body.c"}})).round()
    assert await desk.ids() == ["1", "2", "3"]


async def test_a_list_that_the_server_cuts_off_is_asked_for_in_shorter_spans(desk: Desk) -> None:
    query = {"sejak": "since", "sampai": "until"}
    since = {**SINCE, "start": "30d", "window": "10d", "at_most": 3}
    for key in range(20):
        desk.agency.add(key, START - timedelta(days=3, hours=-key))

    def answer(request: Request) -> Response:
        until = datetime.fromisoformat(request.query_params["sampai"])
        found = [i for i in desk.agency.newer(request) if datetime.fromisoformat(i["diubah"]) <= until]
        return JSONResponse({"data": found[:3]})

    desk.agency.answer = answer
    poller = desk.make(api({"query": query, "since": since}))
    assert await poller.round() == 20
    assert sorted(map(int, await desk.ids())) == list(range(20))
    asked = len(desk.agency.asked)
    assert desk.agency.asked[0] == {"sejak": "2026-10-25T03:00:00Z", "sampai": "2026-11-04T03:00:00Z"}
    desk.clock.now += timedelta(days=200)
    assert await poller.round() == 0
    assert await poller.round() == 0
    assert len(desk.agency.asked) - asked < 40, "it does not ask for a silent year over and over"


async def test_one_bad_item_holds_up_no_other(desk: Desk) -> None:
    body = (
        b'{"data": [{"id": 1, "isi": "a"}, "rusak", {"id": 2, "isi": NaN}, null, {"id": {}}, {"id": 3, "isi": "\xff"}]}'
    )
    desk.agency.answer = lambda _: Response(body, media_type="application/json")
    poller = desk.make(api())
    assert await poller.round() == 6
    assert await poller.round() == 0
    raws = await desk.house.raws()
    assert [raw.defect is not None for raw in raws] == [False, True, False, True, True, False]
    assert "data[1]" not in await desk.ids()


async def test_an_answer_with_nothing_in_it_is_told_from_one_that_is_an_error(desk: Desk) -> None:
    poller = desk.make(api({"none_when": {"not": "body.ada"}, "none_status": 404}))
    for body, status in (({"data": []}, 200), ({"ada": ""}, 200), ({"pesan": "tidak ada"}, 404)):
        desk.agency.answer = lambda _, b=body, s=status: JSONResponse(b, s)  # type: ignore[misc]  # bound early
        assert await poller.round() == 0
    desk.agency.answer = lambda _: Response(status_code=204)
    assert await poller.round() == 0
    desk.agency.answer = lambda _: JSONResponse({"error": "kunci salah"})
    with pytest.raises(BadAnswer, match=r"not what the recipe says: body\.data is missing, not a list"):
        await desk.make(api()).round()


SECRETS = {"kunci": ("k-1",), "nama": ("kota",)}


@pytest.mark.parametrize(
    ("auth", "place", "value"),
    [
        ({"kind": "header", "name": "X-Kunci", "secret": "kunci"}, "x-kunci", "k-1"),
        ({"kind": "query", "name": "api_key", "secret": "kunci"}, "api_key", "k-1"),
        ({"kind": "bearer", "secret": "kunci"}, "authorization", "Bearer k-1"),
        (
            {"kind": "basic", "user": "nama", "secret": "kunci"},
            "authorization",
            f"Basic {base64.b64encode(b'kota:k-1').decode()}",
        ),
    ],
)
async def test_fixed_credentials(desk: Desk, auth: dict[str, Any], place: str, value: str) -> None:
    desk.agency.add(1)
    assert await desk.make(api({"auth": auth}), SECRETS).round() == 1
    assert {**desk.agency.headers[0], **desk.agency.asked[0]}[place] == value
    with pytest.raises(Denied, match='has no secret "'):
        await desk.make(api({"auth": auth})).round()
    assert len(desk.agency.asked) == 1, "without it, nothing is asked"
    everything = repr(await desk.house.records())
    assert "k-1" not in everything


@pytest.mark.parametrize("kind", ["oauth2", "session"])
async def test_tokens_are_asked_for_and_replaced_when_they_are_refused(desk: Desk, kind: str) -> None:
    given: list[dict[str, Any]] = []

    def answer(request: Request) -> Response | None:
        if request.method == "POST":
            given.append(dict(request.headers))
            return JSONResponse({"access_token": f"t{len(given)}", "expires_in": 3600})
        good = request.headers.get("authorization") == f"Bearer t{len(given)}" and len(given) != 1
        return None if good else JSONResponse({}, 401)

    desk.agency.answer = answer
    desk.agency.add(1)
    auth: dict[str, Any] = {"kind": "oauth2", "user": "nama", "secret": "kunci", "token_url": "/aduan"}
    if kind == "session":
        body = {"user": "secrets.nama", "sandi": "secrets.kunci"}
        login = {
            "method": "POST",
            "path": "/aduan",
            "body": body,
            "secrets": ["nama", "kunci"],
            "token": "body.access_token",
        }
        auth = {"kind": "session", "login": login, "place": "bearer"}
    poller = desk.make(api({"auth": auth}), SECRETS)
    assert await poller.round() == 1
    assert len(given) == 2
    assert await poller.round() == 0
    assert len(given) == 2, "the token is kept"
    desk.agency.answer = lambda _: JSONResponse({}, 401)
    with pytest.raises(Denied):
        await poller.round()


async def test_the_key_of_a_gateway_goes_beside_the_credentials(desk: Desk) -> None:
    gateway = {"header": "X-Gateway-Key", "secret": "gerbang"}
    channel = api({"auth": {"kind": "bearer", "secret": "kunci"}, "gateway": gateway})
    assert channel.recipe.receive.secrets == ["gerbang", "kunci"]
    assert await desk.make(channel, SECRETS | {"gerbang": ("g-1",)}).round() == 0
    assert (desk.agency.headers[0]["x-gateway-key"], desk.agency.headers[0]["authorization"]) == ("g-1", "Bearer k-1")


async def test_what_has_not_changed_costs_nothing(desk: Desk) -> None:
    for key in range(1, 6):
        desk.agency.add(key)

    def answer(request: Request) -> Response:
        page = desk.agency.page(request)
        etag = f'"{[i["id"] for i in page]}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304)
        return JSONResponse({"data": page}, headers={"ETag": etag})

    desk.agency.answer = answer
    poller = desk.make(api({"pages": {"by": "number", "size": 3}}))
    assert await poller.round() == 5
    assert await poller.round() == 0
    assert [h.get("if-none-match") for h in desk.agency.headers] == [None, None, '"[1, 2, 3]"', '"[4, 5]"']
    desk.agency.add(6)
    assert await poller.round() == 1, "the first page has not changed, the second has"
    desk.agency.answer = lambda _: Response(status_code=304)
    with pytest.raises(BadAnswer, match="was not told"):
        await desk.make(api()).round()


async def test_a_server_that_asks_for_a_pause_gets_it(desk: Desk) -> None:
    desk.agency.answer = lambda _: Response(status_code=429, headers={"Retry-After": "120"})
    poller = desk.make()
    with pytest.raises(AskedToWait, match="left alone for 120 s"):
        await poller.round()
    desk.agency.answer = lambda _: None
    desk.clock.now += timedelta(seconds=119)
    with pytest.raises(NoAnswer, match="until 2026-11-24T03:02:00"):
        await poller.round()
    assert len(desk.agency.asked) == 1
    desk.clock.now += timedelta(seconds=1)
    assert await poller.round() == 0


async def slow() -> AsyncIterator[bytes]:
    for _ in range(1000):
        yield b" "
        await asyncio.sleep(0.05)


BOMB = gzip.compress(b'{"data": [' + b" " * 20_000_000 + b"]}")


@pytest.mark.parametrize(
    ("answer", "trouble", "words"),
    [
        (lambda _: Response(b'{"data": [', media_type="application/json"), BadAnswer, "the body is not JSON"),
        (lambda _: Response(b"<html>Masuk</html>", media_type="text/html"), BadAnswer, "perhaps a login"),
        (lambda _: Response(b" " * 70_000), BadAnswer, "larger than 65536 bytes"),
        (lambda _: Response(BOMB, headers={"Content-Encoding": "gzip"}), BadAnswer, "larger than 65536 bytes"),
        (lambda _: Response(b"xx", headers={"Content-Encoding": "gzip"}), BadAnswer, "says that it is packed"),
        (lambda _: Response(BOMB[:100], headers={"Content-Encoding": "gzip"}), NoAnswer, "broke off"),
        (lambda _: Response(b"xx", headers={"Content-Encoding": "br"}), BadAnswer, 'packed as "br"'),
        (lambda _: StreamingResponse(slow()), NoAnswer, "no whole answer within 0.2 s"),
        (lambda _: RedirectResponse("http://lain.example/aduan"), BadAnswer, "leads on to http://lain.example"),
        (lambda r: RedirectResponse(str(r.url)), BadAnswer, "sends us on more than 3 times"),
        (lambda _: Response(status_code=403), Denied, "does not accept our credentials"),
        (lambda _: Response(status_code=404), BadAnswer, "answers 404 .* correct `url`"),
        (lambda _: Response(status_code=503), NoAnswer, "answers 503"),
        (
            lambda _: Response(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', media_type="text/xml"),
            BadAnswer,
            "declares a document type",
        ),
        (
            lambda _: JSONResponse({"data": [{"id": 1}], "u": "//lain.example/2"}),
            BadAnswer,
            "leads on to http://lain.example",
        ),
    ],
)
async def test_hostile_answers_are_bounded_and_named(
    desk: Desk, answer: Callable[[Request], Response], trouble: type[Exception], words: str
) -> None:
    desk.agency.answer = answer
    poller = desk.make(
        api({"pages": {"by": "next", "next": "body.u"}}), timeout=0.2 if "0.2 s" in words else 10, max_body=65536
    )
    with pytest.raises(trouble, match=words):
        await poller.round()
    desk.agency.answer = lambda _: None
    desk.agency.add(7)
    assert await poller.round() == 1


async def test_gzip_and_other_charsets_are_read(desk: Desk) -> None:
    texts = iter([gzip.compress(b'{"data": [') + gzip.compress('{"id": 1, "isi": "jalanan “rusak”"}]}'.encode())])
    desk.agency.answer = lambda _: Response(next(texts), headers={"Content-Encoding": "gzip"})
    poller = desk.make(api())
    await poller.round()
    desk.agency.answer = lambda _: Response(
        '{"data": [{"id": 2, "isi": "caf\xe9"}]}'.encode("latin-1"), media_type="application/json; charset=iso-8859-1"
    )
    await poller.round()
    payloads = [json.loads(await desk.house.payload(raw))["aduan"]["isi"] for raw in await desk.house.raws()]
    assert payloads == ["jalanan “rusak”", "café"]


async def test_a_server_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(NoAnswer, match="cannot be reached"):
        await desk.make(url="http://127.0.0.1:1").round()


DETAIL = {"path": "/aduan/{aduan}"}


async def test_details_are_asked_for_once_and_one_that_fails_holds_up_no_other(desk: Desk) -> None:
    for key in (1, 2, 3):
        desk.agency.add(key, isi=f"isi {key}")
    bad = {"2"}

    def answer(request: Request) -> Response | None:
        ident = request.path_params.get("id")
        if ident is None:
            return JSONResponse({"data": [i["id"] for i in desk.agency.items]})
        return Response("rusak", 500) if ident in bad else None

    desk.agency.answer = answer
    channel = api({"detail": DETAIL, "since": {"mark": {"timestamp": "detail.diubah"}}}, external_id="aduan")
    poller = desk.make(channel)
    with pytest.raises(NoAnswer, match="1 items or pages cannot be had, and hold the mark: the server answers 500"):
        await poller.round()
    assert await desk.ids() == ["1", "3"]
    payloads = [json.loads(await desk.house.payload(raw))["detail"]["isi"] for raw in await desk.house.raws()]
    assert payloads == ["isi 1", "isi 3"]
    for _ in range(3):
        with pytest.raises(NoAnswer):
            await poller.round()
    assert await poller.round() == 1, "it goes on without them"
    assert (await desk.house.raws())[-1].defect == (
        "its details could not be had in 5 tries: the server answers 500 (Internal Server Error) to /aduan/2"
    )
    bad |= {"5", "6", "7"}
    for key in (4, 5, 6, 7, 8):
        desk.agency.add(key)
    with pytest.raises(NoAnswer, match="answers 500"):
        await poller.round()
    assert await desk.ids() == ["1", "3", "2", "4"], "three in a row without an answer: it is the server"


@BOTH_STORES
async def test_nothing_moves_before_the_log_has_it(desk: Desk) -> None:
    poller = desk.make()
    for key in range(1, 8):
        desk.agency.add(key)
    desk.house.bus.away = True
    with pytest.raises(BusUnavailable):
        await poller.round()
    desk.house.bus.away = False
    assert await poller.round() == 7


@BOTH_STORES
async def test_a_crash_between_publication_and_cursor_repeats_under_the_same_ids(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    async def killed(*_: object) -> None:
        raise Killed

    desk.agency.answer = lambda _: JSONResponse({"data": [{"isi": "tanpa nomor"}, {"id": 1}]})
    with monkeypatch.context() as patch:
        patch.setattr(Cursors, "save", killed)
        with pytest.raises(Killed):
            await desk.make(api()).round()
    assert await desk.make(api()).round() == 2
    ids = [raw.message_id for raw in await desk.house.raws()]
    assert ids[:2] == ids[2:]


async def test_start_now_passes_over_what_is_there(desk: Desk) -> None:
    poller = desk.make(start="now")
    for key in range(1, 5):
        desk.agency.add(key)
    assert await poller.round() == 0
    desk.agency.add(5)
    assert await poller.round() == 1
    assert await desk.ids() == ["5"]


async def test_start_now_takes_what_comes_while_the_first_walk_is_broken(desk: Desk) -> None:
    for key in range(1, 5):
        desk.agency.add(key)
    desk.agency.answer = lambda r: Response("rusak", 500) if r.query_params["halaman"] == "2" else None
    with pytest.raises(NoAnswer):
        await desk.make(start="now").round()
    desk.agency.answer = lambda _: None
    desk.agency.add(5, START + timedelta(minutes=30))
    assert await desk.make(start="now").round() == 1
    assert await desk.ids() == ["5"]


@BOTH_STORES
async def test_numbers_as_marks(desk: Desk) -> None:
    desk.agency.answer = lambda r: JSONResponse(
        {"data": [i for i in desk.agency.items if i["id"] >= int(r.query_params.get("sejak", "0"))]}
    )
    since = {"by": "number", "mark": "aduan.id", "overlap_numbers": 5}
    poller = desk.make(api({"since": since}))
    for key in (1, 100, 98):
        desk.agency.add(key)
    assert await poller.round() == 3
    desk.agency.add(97)
    assert await poller.round() == 1
    assert desk.agency.asked[-1]["sejak"] == "95"


async def test_a_server_that_is_away_and_comes_back(desk: Desk) -> None:
    desk.agency.add(1)
    desk.agency.answer = lambda _: Response(status_code=500)
    poller, stopping = desk.make(interval=0.01), asyncio.Event()

    def comes_back(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if event["event"] == "API not served":
            desk.agency.answer = lambda _: None
        raise structlog.DropEvent

    with structlog.testing.capture_logs(processors=[comes_back]):
        running = asyncio.create_task(poller.run(stopping))
        async with asyncio.timeout(10):
            while not await desk.ids():  # noqa: ASYNC110 the log tells nobody outside
                await asyncio.sleep(0.005)
        stopping.set()
        await running
    assert poller.problem is None
    assert desk.house.registry.get_sample_value("muara_source_failures_total", {"channel": "api"})


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "url: Field required"),
        ({"url": "opd.example"}, "url: `url` is the address"),
        ({"url": "https://u:sandi@opd.example"}, "holds no credentials"),
        ({"url": "http://a", "start": "kemarin"}, "no span of time"),
        ({"url": "http://a", "interval": 0}, "interval"),
        ({"url": "https://a", "authority": "ca.pem"}, "absolute path"),
        ({"url": "https://a", "authority": "/tidak/ada.pem"}, "No such file"),
    ],
)
def test_bad_settings_are_refused_with_a_remedy(
    make_source: Callable[..., Source], settings: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadRestSettings, match=why) as raised:
        rest_settings(make_source(api(), settings=settings))
    assert "sandi" not in str(raised.value)


async def test_what_a_check_says(desk: Desk) -> None:
    since = {"mark": "aduan.waktu", "format": "YYYY-MM-DD"}
    source = desk.make(api({"pages": {"by": "number", "size": 4}, "since": since})).source
    for key in range(1, 5):
        desk.agency.add(key, isi="" if key == 2 else "Air mati")
    found = [each async for each in probed([source], desk.clock)]
    assert [(each.ok, each.words) for each in found] == [
        (True, "it answers; the first page holds 3 items"),
        (False, "1 of 3 items would be dead letters: the message holds neither text nor attachment nor location"),
        (False, "no item has a mark that can be read, so each round reads everything: correct `since.mark`"),
        (
            False,
            "a page holds 3 items, not 4, and another follows: correct `pages.size`, or only the first page is read",
        ),
    ]
    assert desk.agency.asked[0]["sejak"] == "2026-10-25"
    desk.agency.answer = lambda _: Response(status_code=401)
    assert [each.ok async for each in probed([source], desk.clock)] == [False]
    assert await desk.ids() == []


async def test_an_open311_endpoint_in_json_and_xml(desk: Desk) -> None:
    channel = load_channel(Path(connectors.__file__).parent / "channels" / "open311.yaml")
    queries: list[dict[str, str]] = []

    async def requests(request: Request) -> Response:
        queries.append(dict(request.query_params))
        if request.url.path.endswith("xml"):
            found = "".join(
                f"<request><service_request_id>{i}</service_request_id><status>open</status><description>Sampah {i}"
                "</description><requested_datetime>2026-11-23T00:00:00Z</requested_datetime></request>"
                for i in (1, 2, 3)
            )
            return Response(f"<service_requests>{found}</service_requests>", media_type="text/xml")
        return JSONResponse([{"service_request_id": i, "status": "open", "description": "Sampah"} for i in (1, 2)])

    listening = Listening(Starlette(routes=[Route(f"/v2/requests.{form}", requests) for form in ("json", "xml")]))
    await listening.start()
    try:
        settings = {"url": f"{listening.url}/v2/", "jurisdiction": "kota.example"}
        assert await desk.make(channel, **settings).round() == 2
        assert await desk.make(channel, {"api_key": ("k&1",)}, format="xml", **settings).round() == 1
    finally:
        await listening.stop()
    assert await desk.ids() == ["1", "2", "3"]
    assert queries[0] == {
        "jurisdiction_id": "kota.example",
        "start_date": "2026-08-26T03:00:00Z",
        "end_date": "2026-09-25T03:00:00Z",
    }
    assert "api_key" not in queries[0]
    assert queries[-1]["api_key"] == "k&1"
    assert queries[-1]["end_date"] == "2026-11-24T03:00:00Z"


async def test_a_server_behind_an_authority_of_its_own(desk: Desk, tmp_path: Path) -> None:
    authority, server = certificates.make(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"data": [{"id": 1, "isi": "Air mati"}]}'
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as listening:
        url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        with pytest.raises(NoAnswer, match=r"certificate is not trusted .* in the setting `authority`"):
            await desk.make(api(), url=url).round()
        assert await desk.make(api(), url=url, authority=str(authority)).round() == 1


async def test_an_item_that_could_not_be_had_holds_the_mark_over_rounds(desk: Desk) -> None:
    for key in range(1, 9):
        desk.agency.add(key, START - timedelta(hours=9 - key))
    bad = {"2"}
    desk.agency.answer = lambda r: Response("rusak", 500) if r.path_params.get("id") in bad else None
    poll = {"detail": {"path": "/aduan/{aduan.id}"}, "pages": {"by": "number", "size": 3}, "since": SINCE}
    poller = desk.make(api(poll), max_pages=1)
    for _ in range(2):
        with pytest.raises(NoAnswer, match="1 items or pages cannot be had"):
            await poller.round()
    assert await poller.round() == 2, "the end of the list, two pages behind the item"
    bad.clear()
    for _ in range(3):
        await poller.round()
    assert sorted(map(int, await desk.ids())) == list(range(1, 9))
