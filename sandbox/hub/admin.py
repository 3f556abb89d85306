"""The administrator's routes of the simulation, under `/_simulasi`: no real hub has them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

from sandbox.hub import lookups
from sandbox.hub.answers import RequestLine, StoredReport, Summary
from sandbox.hub.behaviour import Behaviour, Misbehaviour
from sandbox.hub.database import Database
from sandbox.hub.lifecycle import Life

After = Annotated[int, Query(ge=0, le=2**62, description="Show what follows this one.")]
Limit = Annotated[int, Query(ge=1, le=10_000)]


class Steps(BaseModel):
    """How far to move the clock."""

    langkah: Annotated[int, Field(ge=1, le=1000)] = 1


class Moved(BaseModel):
    """What moving the clock did."""

    perubahan: int


def admin_routes(database: Database, life: Life, misbehaviour: Misbehaviour) -> APIRouter:
    """Make the administrator's routes."""
    shown = HTTPBearer(auto_error=False, scheme_name="AdminBearer", description="The administrator's token.")
    router = APIRouter(prefix="/_simulasi", tags=["Simulasi"], dependencies=[Depends(shown)])

    @router.get("/perilaku")
    async def show_behaviour() -> Behaviour:
        """Show how the hub behaves; `next_n` shows what is left."""
        return misbehaviour.current

    @router.put("/perilaku")
    async def change_behaviour(behaviour: Behaviour) -> Behaviour:
        """Set how the hub behaves. What is left out is good behaviour; `{}` makes the hub behave."""
        misbehaviour.change(behaviour)
        return misbehaviour.current

    @router.post("/maju")
    async def advance(steps: Steps) -> Moved:
        """Move the clock: every report that is due goes on to its next state."""
        return Moved(perubahan=await database.run(lambda c: life.advance(c, steps.langkah)))

    @router.get("/ringkasan")
    async def show_summary() -> Summary:
        """Count what the hub holds."""
        return await database.run(lookups.summary)

    @router.get("/pengaduan")
    async def list_reports(setelah: After = 0, batas: Limit = 1000) -> list[StoredReport]:
        """List reports as they were sent, by tracking id."""
        return await database.run(lambda c: lookups.stored(c, setelah, batas))

    @router.get("/permintaan")
    async def list_requests(setelah: After = 0, batas: Limit = 1000) -> list[RequestLine]:
        """List the requests to the API, without bodies and queries."""
        return await database.run(lambda c: lookups.request_lines(c, setelah, batas))

    return router
