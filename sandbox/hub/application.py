"""Puts the hub together: its database, its life, its behaviour, its routes."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from fastapi import FastAPI, Request
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from sandbox.hub import lookups
from sandbox.hub.admin import admin_routes
from sandbox.hub.answers import FieldError, Refusal, ReportView
from sandbox.hub.api import sender_routes
from sandbox.hub.behaviour import Behaviour, Misbehaviour
from sandbox.hub.database import Database, DatabaseUnavailable
from sandbox.hub.explain import Refused, explain
from sandbox.hub.front import Front
from sandbox.hub.lifecycle import Life
from sandbox.hub.page import render
from sandbox.hub.registry import Registry

DESCRIPTION = (
    "**SIMULASI / SIMULATION.** This is not SP4N-LAPOR! and not its interface. The real wire format is not public: the "
    "form fields and the states follow its public pages, everything else here is this project's assumption, made for "
    "demonstrations and tests. Every answer carries `X-Simulation: assumption`."
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the hub consists of, shared by its routes and by whoever holds it in the same process."""

    database: Database
    life: Life
    misbehaviour: Misbehaviour

    @classmethod
    def make(cls, database: Path, seed: int, behaviour: Behaviour | None) -> Self:
        """Make the parts; the database is not opened yet."""
        return cls(Database(database), Life(seed), Misbehaviour(behaviour or Behaviour(seed=seed)))


def create_app(
    database: Path, *, token: str, admin_token: str, seed: int = 0, behaviour: Behaviour | None = None
) -> FastAPI:
    """Make the hub for any ASGI server; it opens its database when the server starts it.

    Broken connections and half answers need `HubSimulation`, which owns the bytes; here they are answered 500,
    which says so. Posting changes needs it, too.
    """
    parts = Parts.make(database, seed, behaviour)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        parts.database.open()
        try:
            yield
        finally:
            await parts.database.close()

    app = FastAPI(title="Simulasi SP4N", version="1-asumsi", description=DESCRIPTION, lifespan=lifespan)
    furnish(app, parts, token=token, admin_token=admin_token)
    return app


def furnish(app: FastAPI, parts: Parts, *, token: str, admin_token: str) -> None:
    """Give an application the hub's routes.

    Raises:
        ValueError: when a token is empty or both are the same.

    """
    if not token or not admin_token or token == admin_token:
        raise ValueError("the simulated hub needs two different tokens: one for senders, one for its administrator")
    database, life, misbehaviour = parts.database, parts.life, parts.misbehaviour
    app.include_router(sender_routes(database, Registry(life), misbehaviour))
    app.include_router(admin_routes(database, life, misbehaviour))
    app.add_middleware(Front, token=token, admin_token=admin_token, misbehaviour=misbehaviour, database=database)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(DatabaseUnavailable, _unavailable)

    @app.get("/pengaduan/{tracking_id}/halaman", response_class=HTMLResponse, tags=["Halaman publik"])
    async def public_page(tracking_id: Annotated[int, InPath(ge=1, le=2**62)]) -> str:
        """Show a report's public page."""

        def read(connection: sqlite3.Connection) -> tuple[ReportView, bool]:
            return lookups.report(connection, tracking_id), lookups.is_secret(connection, tracking_id)

        view, secret = await database.run(read)
        return render(view, secret=secret)


def _refusal(status: int, errors: list[FieldError], revision: int | None = None) -> JSONResponse:
    body = Refusal(galat=errors, revisi=revision).model_dump(exclude_none=True)
    return JSONResponse(body, status)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    malformed = any(each["type"] == "json_invalid" for each in found)
    return _refusal(400 if malformed else 422, explain(found))


async def _no_such_route(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    message = f"{error.detail}; lihat /docs / see /docs"
    return _refusal(error.status_code, [FieldError(kolom="", pesan=message)])


async def _refused(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refused):
        raise error
    return _refusal(error.status, [FieldError(kolom=error.field, pesan=error.message)], error.revision)


async def _unavailable(_: Request, error: Exception) -> JSONResponse:
    message = f"penyimpanan tidak tersedia / storage is not available: {error}"
    return _refusal(503, [FieldError(kolom="", pesan=message)])
