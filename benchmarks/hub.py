"""A hub that answers at once: `python -m benchmarks.hub`. The full simulation would be the slowest part of all.

It speaks as the simulated hub does, as far as filing and updating go, and forgets all but the last bodies.
"""

import itertools
import os
import time
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.serving import serve

TOKEN = "BENCH_HUB_TOKEN"  # noqa: S105 the name of a variable
_KEPT = 2000


class Hub:
    """Counts what it is sent."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}"
        self._numbers = itertools.count(9_000_001)
        self._known: dict[str, int] = {}
        self._requests = 0
        self._last = 0.0
        self._bodies: list[str] = []

    async def file(self, request: Request) -> Response:
        """Take in a report."""
        if request.headers.get("authorization") != self._expected:
            return _json({"galat": [{"kolom": "", "pesan": "token salah"}]}, 401)
        body = await request.body()
        form = orjson.loads(body)
        number = self._known.get(form["referensi"]) or next(self._numbers)
        self._known[form["referensi"]] = number
        self._note(body)
        return _json(
            {"tracking_id": str(number), "url": f"https://hub.example/{number}", "status": "belum_diverifikasi"}, 201
        )

    async def update(self, request: Request) -> Response:
        """Change a report."""
        await request.body()
        self._note(None)
        return _json({"tracking_id": request.path_params["number"], "status": "belum_diverifikasi"}, 200)

    async def standing(self, request: Request) -> Response:
        """Reports, requests, and when the last one came, by the machine's monotonic clock."""
        del request
        return _json({"reports": len(self._known), "requests": self._requests, "last": self._last}, 200)

    async def bodies(self, request: Request) -> Response:
        """Some of the forms that were filed since the last question."""
        del request
        found, self._bodies = self._bodies, []
        return _json(found, 200)

    async def nothing(self, request: Request) -> Response:
        """No news."""
        del request
        return _json({"perubahan": [], "laporan": [], "daftar": [], "kursor": 0, "lagi": False}, 200)

    def _note(self, body: bytes | None) -> None:
        self._requests += 1
        self._last = time.monotonic()
        if body is not None and len(self._bodies) < _KEPT:
            self._bodies.append(body.decode())


def _json(value: Any, status: int) -> Response:  # noqa: ANN401 any JSON
    return Response(orjson.dumps(value), status, media_type="application/json")


def application(token: str) -> Starlette:
    """The hub as an application."""
    hub = Hub(token)
    return Starlette(
        routes=[
            Route("/api/v1/pengaduan", hub.file, methods=["POST"]),
            Route("/api/v1/pengaduan/{number}", hub.update, methods=["PATCH"]),
            Route("/standing", hub.standing),
            Route("/bodies", hub.bodies),
            Route("/{rest:path}", hub.nothing),
        ]
    )


if __name__ == "__main__":
    serve(application(os.environ[TOKEN]))
