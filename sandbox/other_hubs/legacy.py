"""SIMULATION of the interface that LAPOR! had until about 2018: XML with a token, and no way to ask what it has."""

from dataclasses import dataclass

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from recipes.xml import BadXml, parse
from sandbox.other_hubs.simulation import Simulation

FIRST = 1_200_000
"""Where the counting starts; invented."""
TOPICS = (
    {"id": "1", "parent": "0", "topic_name": "Infrastruktur"},
    {"id": "11", "parent": "1", "topic_name": "Penerangan jalan"},
    {"id": "2", "parent": "0", "topic_name": "Lingkungan hidup"},
)
"""Invented."""


@dataclass(frozen=True, slots=True)
class LegacyReport:
    """One report as it was sent."""

    tracking_id: str
    email: str
    phone: str
    first_name: str
    last_name: str
    secret: bool
    anonymous: bool
    text: str


class LegacyHub(Simulation):
    """The simulated interface of former years. Each stream that is added is another report, however often it comes."""

    def __init__(self, token: str, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._token = token
        self.reports: list[LegacyReport] = []
        routes = [
            Route("/api/stream/addstream", self._add, methods=["POST"]),
            Route("/api/services/f01/gettopics", self._topics, methods=["POST"]),
        ]
        super().__init__(Starlette(routes=routes), host=host, port=port)

    async def _add(self, request: Request) -> Response:
        try:
            root = parse(await request.body())
        except BadXml:
            return _xml(400, "galat", "bukan XML")
        if root.get("token") != self._token:
            return _xml(403, "galat", "token salah")
        report = root.find("laporan")
        texts = {name: root.findtext(f"pelapor/{name}") for name in ("email", "telpon", "namadepan", "namabelakang")}
        text = "" if report is None else (report.findtext("isi") or "").strip()
        if root.tag != "lapor" or report is None or None in texts.values() or not text:
            return _xml(400, "galat", "susunan salah")
        number = str(FIRST + len(self.reports) + 1)
        self.reports.append(
            LegacyReport(
                number,
                texts["email"] or "",
                texts["telpon"] or "",
                texts["namadepan"] or "",
                texts["namabelakang"] or "",
                report.get("rahasia") == "1",
                report.get("anonim") == "1",
                text,
            )
        )
        return _xml(200, "trackingid", number, transaksiid=f"T{number}")

    async def _topics(self, request: Request) -> Response:
        async with request.form() as form:
            if form.get("KEYTOKEN") != self._token:
                return JSONResponse({"galat": "token salah"}, 403)
        return JSONResponse(list(TOPICS))


def _xml(status: int, name: str, text: str, **more: str) -> Response:
    root = etree.Element("lapor")
    for tag, value in {name: text, **more}.items():
        etree.SubElement(root, tag).text = value
    return Response(etree.tostring(root, encoding="UTF-8", xml_declaration=True), status, media_type="text/xml")
