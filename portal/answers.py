"""Every refusal of the feed in one form, and one place where requests are counted."""

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal.metrics import PortalMetrics
from runtime.store.engine import StoreUnavailable
from schemas.base import Model

log = structlog.get_logger()

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Refusal(Model):
    """Why a request is not answered, and what to do."""

    error: str = Field(examples=["there is no complaint with this id that your key may see"])
    """What is wrong."""
    remedy: str = Field(examples=["compare the id with `complaint_id` in the feed"])
    """What to do about it."""


class Refused(Exception):
    """A request that is not answered."""

    def __init__(
        self, status: int, outcome: str, error: str, remedy: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.outcome = outcome
        self._status = status
        self._body = Refusal(error=error, remedy=remedy)
        self._headers = headers

    def response(self) -> Response:
        """As JSON."""
        return JSONResponse(self._body.model_dump(), self._status, self._headers)


def counted_route(metrics: PortalMetrics) -> type[APIRoute]:
    """A kind of route that answers refusals in their form, whatever application it stands in, and counts outcomes."""

    class CountedRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            answer, name = super().get_route_handler(), self.name

            async def handle(request: Request) -> Response:
                outcome = "fault"
                try:
                    try:
                        response = await answer(request)
                    except Exception as error:
                        refused = _refused(error)
                        if refused is None:
                            raise
                        outcome, response = refused.outcome, refused.response()
                    else:
                        outcome = "answered"
                    return response
                finally:
                    metrics.requests.labels(name, outcome).inc()

            return handle

    return CountedRoute


def _refused(error: Exception) -> Refused | None:
    if isinstance(error, Refused):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, StoreUnavailable):
        log.warning("feed_unavailable", reason=str(error))
        return Refused(
            503,
            "unavailable",
            "the feed's database does not work at this moment",
            "send the same again later; /readyz tells the operator why",
            {"Retry-After": "5"},
        )
    return None


def _invalid(error: RequestValidationError) -> Refused:
    # What was sent is not repeated: it may be anything.
    problems = []
    for each in error.errors():
        name = str(each["loc"][1]) if len(each["loc"]) > 1 else "the request"
        said = str(each["msg"])
        words = "is not known here" if each["type"] == "extra_forbidden" else said[:1].lower() + said[1:]
        problems.append(f"{name[:64]!r}: {words}")
    return Refused(
        400,
        "bad_request",
        "; ".join(problems[:5]),
        "correct the request and send it again; /docs shows what may be asked and how",
    )
