"""The invented service of docs/hubs.md, as small as its guide: SOAP-like XML, sessions, and codes in a 200."""

from dataclasses import dataclass, field

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.other_hubs.simulation import Simulation

SOAP, OWN = "{http://soap.example/envelope/}", "{urn:sipadu}"


@dataclass(eq=False)
class Sipadu(Simulation):
    """`codes`: what the next calls of `KirimAduan` are answered instead of being taken."""

    user: str = "kota"
    password: str = "sandi-rahasia"
    lasts: int = 1200
    sessions: set[str] = field(default_factory=set)
    logins: int = 0
    tickets: list[tuple[str, etree._Element]] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(Starlette(routes=[Route("/layanan.asmx", self.answer, methods=["POST"])]))

    async def answer(self, request: Request) -> Response:
        root = etree.fromstring(await request.body())
        body = root.find(f"{SOAP}Body")
        assert root.tag == f"{SOAP}Envelope"
        assert body is not None
        [call] = body
        name = request.headers["soapaction"]
        assert call.tag == f"{OWN}{name}"
        if name == "Masuk":
            return self._login(call)
        if root.findtext(f"{SOAP}Header/{OWN}Sesi") not in self.sessions:
            return _said(name, Kode="11", Pesan="Sesi habis")
        if name == "KirimAduan":
            return self._take(call)
        if name == "CariAduan":
            number = call.findtext(f"{OWN}Nomor")
            found = [{"NoTiket": t} for t, sent in self.tickets if sent.findtext(f"{OWN}Nomor") == number]
            return _said(name, found, Kode="0")
        since = int(call.findtext(f"{OWN}Sejak") or 0)
        rows = [
            {"Urutan": str(n), "NoTiket": ticket, "Status": word, "Waktu": "2026-11-24T04:00:00Z"}
            for n, (ticket, word) in enumerate(self.changes, 1)
            if n > since
        ]
        return _said(name, rows, Kode="0", Sampai=str(len(self.changes)))

    def _login(self, call: etree._Element) -> Response:
        self.logins += 1
        if (call.findtext(f"{OWN}Pengguna"), call.findtext(f"{OWN}Sandi")) != (self.user, self.password):
            return _said("Masuk", Kode="12", Pesan="Nama atau sandi salah")
        session = f"sesi-{self.logins}"
        self.sessions = {session}
        return _said("Masuk", Kode="0", Sesi=session, BerlakuDetik=str(self.lasts))

    def _take(self, call: etree._Element) -> Response:
        if self.codes:
            return _said("KirimAduan", Kode=self.codes.pop(0), Pesan="lain kali")
        ticket = f"A-{len(self.tickets) + 1}"
        self.tickets.append((ticket, call))
        return _said("KirimAduan", Kode="0", NoTiket=ticket)


def _said(name: str, rows: list[dict[str, str]] | None = None, **fields: str) -> Response:
    envelope = etree.Element(f"{SOAP}Envelope", nsmap={"e": SOAP[1:-1]})
    result = etree.SubElement(etree.SubElement(envelope, f"{SOAP}Body"), f"{OWN}{name}Hasil")
    for key, value in fields.items():
        etree.SubElement(result, f"{OWN}{key}").text = value
    for row in rows or ():
        element = etree.SubElement(result, f"{OWN}Aduan")
        for key, value in row.items():
            etree.SubElement(element, f"{OWN}{key}").text = value
    return Response(etree.tostring(envelope, encoding="UTF-8", xml_declaration=True), media_type="text/xml")
