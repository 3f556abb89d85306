"""SIMULATION of an endpoint of GeoReport v2 (Open311), in JSON: services, requests, tokens; states open and closed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.other_hubs.simulation import Simulation

SERVICES = {"PJU": "Penerangan jalan", "JLN": "Jalan rusak", "LAIN": "Lain-lain"}
"""Invented."""


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """One request as it was sent, and where it stands."""

    id: str
    fields: dict[str, str]
    requested: datetime
    updated: datetime
    status: str = "open"
    notes: str = ""

    def view(self) -> dict[str, Any]:
        """As it is shown to everybody: without its sender."""
        return {
            "service_request_id": self.id,
            "status": self.status,
            "status_notes": self.notes,
            "service_code": self.fields["service_code"],
            "service_name": SERVICES[self.fields["service_code"]],
            "description": self.fields.get("description", ""),
            "requested_datetime": self.requested.isoformat(timespec="seconds"),
            "updated_datetime": self.updated.isoformat(timespec="seconds"),
            "address": self.fields.get("address_string", ""),
        }


class Open311Hub(Simulation):
    """The simulated endpoint."""

    def __init__(
        self, api_key: str, jurisdiction: str, *, tokens: bool = False, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        """`tokens`: a number is not given at once; a token is, which stands for it."""
        self._key = api_key
        self._jurisdiction = jurisdiction
        self._tokens = tokens
        self.requests: dict[str, ServiceRequest] = {}
        routes = [
            Route("/services.json", self._services, methods=["GET"]),
            Route("/requests.json", self._post, methods=["POST"]),
            Route("/requests.json", self._list, methods=["GET"]),
            Route("/requests/{id}.json", self._one, methods=["GET"]),
            Route("/tokens/{token}.json", self._token, methods=["GET"]),
        ]
        super().__init__(Starlette(routes=routes), host=host, port=port)

    def move(self, request_id: str, status: str, notes: str) -> None:
        """Change where a request stands: `open` or `closed`, with a word to the citizen."""
        found = self.requests[request_id]
        self.requests[request_id] = replace(found, status=status, notes=notes, updated=datetime.now(UTC))

    async def _services(self, request: Request) -> Response:
        refusal = self._place(request.query_params.get("jurisdiction_id"))
        rows = [{"service_code": code, "service_name": name, "metadata": False} for code, name in SERVICES.items()]
        return refusal or JSONResponse(rows)

    async def _post(self, request: Request) -> Response:
        async with request.form() as form:
            refusal = self._place(form.get("jurisdiction_id")) or self._unfit(form)
            if refusal is not None:
                return refusal
            fields = {name: str(value) for name, value in form.items() if name != "api_key"}
        now = datetime.now(UTC)
        number = str(290_000 + len(self.requests) + 1)
        self.requests[number] = ServiceRequest(number, fields, now, now)
        answer = {"token": f"t{number}"} if self._tokens else {"service_request_id": number, "service_notice": ""}
        return JSONResponse([answer], 201)

    def _unfit(self, form: FormData) -> Response | None:
        if form.get("api_key") != self._key:
            return _error(403, "Invalid api_key received")
        if form.get("service_code") not in SERVICES:
            return _error(404, "service_code was not found")
        if not (form.get("lat") and form.get("long")) and not form.get("address_string"):
            return _error(400, "lat and long, or address_string, must be given")
        if len(str(form.get("description", ""))) > 4000:
            return _error(400, "description is longer than 4000 characters")
        return None

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        found = list(self.requests.values())
        if wanted := query.get("service_request_id"):
            found = [each for each in found if each.id in wanted.split(",")]
        if code := query.get("service_code"):
            found = [each for each in found if each.fields["service_code"] == code]
        if start := query.get("start_date"):
            found = [each for each in found if each.requested >= datetime.fromisoformat(start)]
        return self._place(query.get("jurisdiction_id")) or JSONResponse([each.view() for each in found])

    async def _one(self, request: Request) -> Response:
        found = self.requests.get(request.path_params["id"])
        if found is None:
            return _error(404, "service_request_id was not found")
        return self._place(request.query_params.get("jurisdiction_id")) or JSONResponse([found.view()])

    async def _token(self, request: Request) -> Response:
        token = request.path_params["token"]
        if token.removeprefix("t") not in self.requests:
            return _error(404, "token was not found")
        return JSONResponse([{"token": token, "service_request_id": token.removeprefix("t")}])

    def _place(self, given: object) -> Response | None:
        return None if given == self._jurisdiction else _error(404, "jurisdiction_id provided was not found")


def _error(code: int, description: str) -> Response:
    return JSONResponse([{"code": code, "description": description}], code)
