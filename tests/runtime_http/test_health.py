"""What operators and machines ask of a process, and the shape of its refusals."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter

from runtime.http import HttpServer, application, health_routes
from runtime.telemetry.health import Health

Serve = Callable[..., Awaitable[HttpServer]]


async def test_alive_and_ready_are_two_questions(serve: Serve, http: httpx.AsyncClient) -> None:
    health = Health()
    sources: list[str] = []
    routes = health_routes({"portal": lambda: health.problems, "connectors": lambda: sources}, CollectorRegistry())
    server = await serve(application("T", "D", routes))

    ready = await http.get(f"{server.url}/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "unready": [], "problems": {}})

    health.problem("feed", "the disk is full: free some space")
    sources.append('source "wa": no secret')
    unready = await http.get(f"{server.url}/readyz")
    assert unready.status_code == 503
    assert unready.json() == {
        "status": "unready",
        "unready": ["feed: the disk is full: free some space", 'source "wa": no secret'],
        "problems": {"portal": ["feed: the disk is full: free some space"], "connectors": ['source "wa": no secret']},
    }
    alive = await http.get(f"{server.url}/healthz")
    assert (alive.status_code, alive.text) == (200, "ok\n")


async def test_what_is_only_reported_does_not_make_it_unready(serve: Serve, http: httpx.AsyncClient) -> None:
    stopped: list[str] = []

    async def duty() -> list[str]:
        return stopped

    reported = {"dispatcher": lambda: {"dispatcher.hub.sp4n": "sp4n does not answer"}}
    server = await serve(application("T", "D", health_routes(reported, CollectorRegistry(), duty)))
    ready = await http.get(f"{server.url}/readyz")
    assert ready.status_code == 200
    problems = {"dispatcher": ["dispatcher.hub.sp4n: sp4n does not answer"]}
    assert ready.json() == {"status": "ready", "unready": [], "problems": problems}
    stopped.append("nothing is accepted: the disk is full")
    unready = await http.get(f"{server.url}/readyz")
    assert unready.status_code == 503
    assert unready.json() == {"status": "unready", "unready": stopped, "problems": problems}


@pytest.mark.parametrize(
    ("accept", "content_type", "end"),
    [
        ("*/*", "text/plain", ""),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text", "# EOF"),
    ],
)
async def test_metrics(serve: Serve, http: httpx.AsyncClient, accept: str, content_type: str, end: str) -> None:
    registry = CollectorRegistry()
    Counter("muara_things_total", "Things.", registry=registry).inc(3)
    server = await serve(application("T", "D", health_routes({}, registry)))
    answer = await http.get(f"{server.url}/metrics", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(content_type)
    assert "muara_things_total 3.0" in answer.text
    assert answer.text.rstrip().endswith(end)


async def test_every_refusal_is_json_with_a_remedy(serve: Serve, http: httpx.AsyncClient) -> None:
    router = APIRouter()

    @router.get("/fault")
    async def fault() -> None:
        raise RuntimeError("Siti, +62 811-0000-0001")

    server = await serve(application("T", "D", health_routes({}, CollectorRegistry()), router))
    cases = {("GET", "/nowhere"): 404, ("POST", "/healthz"): 405, ("GET", "/fault"): 500}
    for (method, path), status in cases.items():
        answer = await http.request(method, f"{server.url}{path}")
        assert answer.status_code == status
        assert set(answer.json()) == {"error", "remedy"}
        assert "Siti" not in answer.text
