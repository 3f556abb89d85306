"""The routes that a sender uses, under `/api/v1`."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.security import HTTPBearer

from sandbox.hub import lookups
from sandbox.hub.answers import Accepted, Changes, CommentAccepted, Entries, FoundList, Listing, Refusal, ReportView
from sandbox.hub.behaviour import Misbehaviour
from sandbox.hub.database import Database
from sandbox.hub.forms import Form, NewComment, NewReport, Update
from sandbox.hub.reference import AGENCIES, CATEGORIES
from sandbox.hub.registry import Once, Outcome, Registry

Key = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255, description="Same key, same answer.")
]
TrackingId = Annotated[int, Path(ge=1, le=2**62)]
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal} for status in (400, 401, 404, 409, 413, 422, 429, 503)
}


def sender_routes(database: Database, registry: Registry, misbehaviour: Misbehaviour) -> APIRouter:
    """Make the routes of the API."""
    # The token itself is checked before any route, and before the body is read; this shows it on the OpenAPI page.
    shown = HTTPBearer(auto_error=False, description="The sender's token.")
    router = APIRouter(
        prefix="/api/v1", tags=["API pengirim (asumsi)"], dependencies=[Depends(shown)], responses=_ERRORS
    )

    def once(key: str | None, operation: str, form: Form) -> Once | None:
        return Once.of(key, operation, form) if key and misbehaviour.current.idempotency else None

    def strict() -> bool:
        return misbehaviour.current.strict_tables

    @router.post("/pengaduan", status_code=201, response_model=Accepted)
    async def file_report(form: NewReport, request: Request, response: Response, key: Key = None) -> dict[str, Any]:
        """Take in a report. With an `Idempotency-Key`, a repetition is answered 200 with the first answer."""
        base_url, guard, check = str(request.base_url).rstrip("/"), once(key, "POST /pengaduan", form), strict()
        twice = misbehaviour.current.stores_twice
        return _answered(
            response,
            await database.run(lambda c: registry.file(c, form, base_url, guard, strict=check, twice=twice)),
        )

    @router.patch("/pengaduan/{tracking_id}", response_model=Accepted)
    async def update_report(
        tracking_id: TrackingId, change: Update, response: Response, key: Key = None
    ) -> dict[str, Any]:
        """Change a report or add to it. An older revision than the stored one is answered 409 with the stored one."""
        guard, check = once(key, f"PATCH /pengaduan/{tracking_id}", change), strict()
        return _answered(
            response, await database.run(lambda c: registry.update(c, tracking_id, change, guard, strict=check))
        )

    @router.post("/pengaduan/{tracking_id}/komentar", status_code=201, response_model=CommentAccepted)
    async def comment_on_report(
        tracking_id: TrackingId, comment: NewComment, response: Response, key: Key = None
    ) -> dict[str, Any]:
        """Add a remark. One by the reporter turns `ditindaklanjuti` into `ditanggapi_pelapor`."""
        guard = once(key, f"POST /pengaduan/{tracking_id}/komentar", comment)
        return _answered(response, await database.run(lambda c: registry.comment(c, tracking_id, comment, guard)))

    @router.get("/pengaduan")
    async def find_reports(
        referensi: Annotated[str, Query(min_length=1, max_length=200, description="The sender's own reference.")],
    ) -> FoundList:
        """Find reports by the sender's own reference; an empty list says that there is none."""
        return FoundList(laporan=await database.run(lambda c: lookups.by_reference(c, referensi.strip())))

    @router.get("/pengaduan/{tracking_id}")
    async def show_report(tracking_id: TrackingId) -> ReportView:
        """Show one report."""
        return await database.run(lambda c: lookups.report(c, tracking_id))

    @router.get("/daftar")
    async def list_reports(
        setelah: Annotated[int, Query(ge=0, le=2**62, description="The cursor of the last page; 0 at first.")] = 0,
        batas: Annotated[int, Query(ge=1, le=1000)] = 100,
        sejak: Annotated[datetime | None, Query(description="Only what was taken in since then, ISO 8601.")] = None,
    ) -> Listing:
        """List all reports of the sender by tracking id, with where they stand."""
        since = "" if sejak is None else sejak.astimezone(UTC).isoformat(timespec="milliseconds")
        return await database.run(lambda c: lookups.listing(c, setelah, batas, since))

    @router.get("/perubahan")
    async def list_changes(
        sejak: Annotated[int, Query(ge=0, le=2**62, description="The cursor of the last answer; 0 at first.")] = 0,
        batas: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Changes:
        """List changes of state since a cursor, the first state of each report included. None is ever skipped."""
        return await database.run(lambda c: lookups.changes(c, sejak, batas))

    @router.get("/kategori")
    async def list_categories() -> Entries:
        """List the categories (invented)."""
        return Entries(daftar=list(CATEGORIES))

    @router.get("/instansi")
    async def list_agencies() -> Entries:
        """List the agencies (invented)."""
        return Entries(daftar=list(AGENCIES))

    return router


def _answered(response: Response, outcome: Outcome) -> dict[str, Any]:
    if outcome.replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
    return outcome.answer
