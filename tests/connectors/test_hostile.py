"""Strangers who mean no good, against a Muara that runs: they are refused in words, its memory stays as it was, and
honest citizens are heard meanwhile.
"""

import asyncio
import contextlib
import gzip
import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from tests.outside import Place, Running, make_place, start, until, whatsapp

pytestmark = pytest.mark.asyncio(loop_scope="module")

MIB = 1024 * 1024
BOUND = 250
"""MiB that the process may grow by, at its worst. Measured: 25, and 125 with a workbook that unpacks to all it may."""
XML, JSON, FORM = "application/xml", "application/json", "application/x-www-form-urlencoded"


@dataclass
class City:
    """A Muara under attack."""

    place: Place
    running: Running
    told: list[str] = field(default_factory=list)
    """What honest citizens said and was accepted."""

    def memory(self) -> int:
        """MiB, the most that the process ever held."""
        lines = Path(f"/proc/{self.running.process.pid}/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

    async def honest(self, words: str) -> None:
        """One citizen, whose provider comes again while it is asked to, and who must be heard."""

        async def problem() -> str:
            status = await whatsapp(self.place.url, self.place.secret, words)
            return "" if status == 200 else f"answered {status}"

        await until(problem, words, patience=120, pause=0.5)
        self.told.append(words)

    async def wire(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.place.port)

    async def post(
        self, source: str, body: bytes | Sequence[bytes], *headers: str, kind: str = JSON
    ) -> tuple[int, str]:
        """A request by hand, chunked where the body is in pieces; the status and what was said. 0: it hung up on us."""
        reader, writer = await self.wire()
        lines = [f"POST /in/{source} HTTP/1.1", "Host: muara.example", f"Content-Type: {kind}", *headers]
        whole = isinstance(body, bytes)
        lines.append(f"Content-Length: {len(body)}" if whole else "Transfer-Encoding: chunked")
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode())
            for piece in [body] if isinstance(body, bytes) else body:
                writer.write(piece if whole else f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                await writer.drain()
            writer.write(b"" if whole else b"0\r\n\r\n")
            async with asyncio.timeout(120):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next(
                    int(each[15:]) for each in head.lower().split("\r\n") if each.startswith("content-length:")
                )
                return int(head.split(" ")[1]), (await reader.readexactly(length)).decode()
        except (ConnectionError, asyncio.IncompleteReadError):
            return 0, ""
        finally:
            writer.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    place = make_place(tmp_path_factory.mktemp("hostile") / "home", "http://127.0.0.1:9")
    place.rewrite("mode: send", "mode: shadow")
    place.rewrite(
        "hubs:\n",
        "  dinas: {channel: open_webhook, agency: rsud}\n"
        "  warkat: {channel: open_xml, agency: rsud}\n"
        "  rekap: {channel: lapor_recap_xlsx, agency: rsud, settings: {folder: masuk/rekap}}\n\nhubs:\n",
    )
    (place.home / "masuk" / "rekap").mkdir(parents=True)
    (place.home / "channels").mkdir()
    for name, decode in (("open_webhook", "auto"), ("open_xml", "xml")):
        (place.home / "channels" / f"{name}.yaml").write_text(
            f"channel: {name}\ntitle: whoever knows the address\n"
            f"receive: {{transport: webhook, decode: {decode}, external_id: id, signature: {{scheme: none}}}}\n"
            "map: {text: [text, laporan.isi]}\n",
            encoding="utf-8",
        )
    with start(place) as running:
        await running.ready()
        city = City(place, running)
        for number in range(20):  # what it imports late, it has imported
            await city.honest(f"Lampu jalan nomor {number} di Jalan Kenanga mati")
        yield city
        assert await running.stop() == 0


@pytest.fixture(autouse=True)
def steady(city: City) -> Iterator[None]:
    """Whatever a test does, the process never holds much more than before."""
    before = city.memory()
    yield
    assert city.memory() - before < BOUND, f"{before} MiB before, {city.memory()} MiB at the worst"


async def test_four_hundred_who_never_end_their_heads_or_their_bodies(city: City) -> None:
    slow = [await city.wire() for _ in range(400)]
    for number, (_, writer) in enumerate(slow):
        head = f"POST /in/wa-kota HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: sha256={'0' * 64}\r\n"
        writer.write(head.encode() if number % 2 else f"{head}Content-Length: 5000\r\n\r\n".encode() + b"{")
    for word in ("pertama", "kedua", "ketiga"):
        await city.honest(f"Sampah menumpuk di pasar {word}")
        for _, writer in slow:
            if not writer.is_closing():
                writer.write(b"X" if word == "kedua" else b"")
    hung_up = 0

    async def problem() -> str:
        nonlocal hung_up
        hung_up = sum(reader.at_eof() or bool(reader._buffer) for reader, _ in slow[1::2])  # type: ignore[attr-defined]  # a look, without waiting
        return "" if hung_up == 200 else f"{hung_up} of 200 heads were given up"

    await until(problem, "slow heads are borne for ever", patience=120, pause=0.5)
    for _, writer in slow:
        writer.close()


@pytest.mark.parametrize("source", ["wa-kota", "dinas", "tidak-ada"])
async def test_thirty_megabytes_at_a_time(city: City, source: str) -> None:
    piece = b"[" * MIB
    answers = await asyncio.gather(
        *(city.post(source, piece * 30) for _ in range(4)),
        *(city.post(source, [piece] * 30) for _ in range(4)),
        city.honest(f"Jembatan rusak, kata {source}"),
    )
    said = {each for each in answers if each is not None}
    assert {status for status, _ in said} <= ({404, 0} if source == "tidak-ada" else {413, 0})
    assert any(status for status, _ in said), "whoever listens hears it"
    assert all('"remedy"' in words for status, words in said if status)


async def test_bodies_that_are_just_small_enough_and_never_end(city: City) -> None:
    slow = [await city.wire() for _ in range(250)]
    head = f"POST /in/wa-kota HTTP/1.1\r\nHost: x\r\nContent-Length: {4 * MIB}\r\n\r\n".encode()

    async def push(writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # it was told to come again
            writer.write(head + b"{" * (4 * MIB - 1))
            await writer.drain()

    pushing = [asyncio.create_task(push(writer)) for _, writer in slow]
    for word in ("satu", "dua"):
        await city.honest(f"Got mampet di RT {word}")
    for task in pushing:
        task.cancel()
    for _, writer in slow:
        writer.close()


BOMB = gzip.compress(bytes(20 * MIB))
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "haha">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]><laporan><id>1</id><isi>&m;</isi></laporan>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><laporan><isi>&a;</isi></laporan>'
PARTS = (
    b"".join(b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % n for n in range(10_000))
    + b"--b--\r\n"
)
HOSTILE: dict[str, tuple[str, bytes, str, tuple[str, ...], set[int]]] = {
    "packed": ("dinas", BOMB, JSON, ("Content-Encoding: gzip",), {415}),
    "packed twice": ("dinas", BOMB, JSON, ("Content-Encoding: br, gzip",), {415}),
    "laughs": ("warkat", LAUGHS, XML, (), {200}),
    "a file of ours": ("warkat", OUTSIDE, XML, (), {200}),
    "a hundred thousand levels": ("dinas", b"[" * 100_000 + b"]" * 100_000, JSON, (), {200}),
    "a hundred thousand objects": ("dinas", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, JSON, (), {200}),
    "a hundred thousand elements": ("warkat", b"<a>" * 100_000 + b"</a>" * 100_000, XML, (), {200}),
    "a million digits": ("dinas", b'{"id": ' + b"9" * 1_000_000 + b"}", JSON, (), {200}),
    "a large exponent": ("dinas", b'{"id": 1e999999999}', JSON, (), {200}),
    "ten thousand parts": ("dinas", PARTS, "multipart/form-data; boundary=b", (), {200}),
    "ten thousand fields": ("dinas", b"&".join(b"f%d=x" % n for n in range(10_000)), FORM, (), {200}),
    "no utf-8": ("dinas", b'{"id": "\xff\xfe\xc0\x80", "text": "x"}', JSON, (), {200}),
    "nothing": ("dinas", b"", JSON, (), {200}),
    "a signature that is none": ("wa-kota", b"{}", JSON, ("X-Hub-Signature-256: sha256=zz",), {401}),
    "no signature": ("wa-kota", b"{}", JSON, (), {401}),
    "a signature twice": ("wa-kota", b"{}", JSON, ("X-Hub-Signature-256: a", "X-Hub-Signature-256: b"), {401}),
    "heads without end": ("dinas", b"{}", JSON, ("X-A: b",) * 5_000, {431, 0}),
    "one long head": ("dinas", b"{}", JSON, (f"X-A: {'b' * MIB}",), {431, 0}),
    "nul in a head": ("dinas", b"{}", JSON, ("X-A: \x00",), {400, 0}),
    "two lengths": ("dinas", b"{}", JSON, ("Content-Length: 7",), {400}),
}


async def test_whatever_is_sent_is_answered_in_words_and_leaves_nothing_behind(city: City) -> None:
    kept = 0
    for name, (source, body, kind, headers, statuses) in HOSTILE.items():
        status, words = await city.post(source, body, *headers, kind=kind)
        assert status in statuses, (name, status, words)
        assert status == 0 or '"remedy"' in words or '"accepted":1' in words, (name, words)
        kept += status == 200
    await city.honest("Gorong-gorong mampet sejak hari Senin")
    nul = json.dumps({"id": "nul\x00", "text": "Pohon\x00 tumbang \ud800 di jalan"}).encode()
    assert (await city.post("dinas", nul))[0] == 200
    found = await city.place.rest(kept + 1)
    assert found.balanced, found.line()
    assert found.terms["dead"] == kept, "each of these waits for a person, with its reason; the one with NUL is read"


async def test_a_replay_changes_nothing(city: City) -> None:
    before = (await city.place.rest(len(city.told))).terms
    place = city.place
    answers = [await whatsapp(place.url, place.secret, "Air keruh sejak pagi") for _ in range(2)]
    answers += await asyncio.gather(*(whatsapp(place.url, place.secret, "Air keruh sejak pagi") for _ in range(10)))
    assert set(answers) == {200}
    after = (await place.rest(before["received"] + 1)).terms
    gained = {name: count - before[name] for name, count in after.items() if count != before[name]}
    assert (gained["received"], gained["redelivered"]) == (1, 11)
    assert gained.get("complaints", 0) + gained.get("merged", 0) == 1


async def test_workbooks_that_unpack_to_more_than_there_is(city: City) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(160):
                sheet.write(b" " * MIB)
    folder = city.place.home / "masuk" / "rekap"
    for name, content in {"bom.xlsx": bomb.getvalue(), "tawa.xlsx": _workbook(LAUGHS)}.items():
        (folder / f".{name}").write_bytes(content)
        (folder / f".{name}").rename(folder / name)
    reasons = [folder / "failed" / f"{name}.reason.txt" for name in ("bom.xlsx", "tawa.xlsx")]
    await until(lambda: "" if all(each.exists() for each in reasons) else "no reason yet", "the folder stands still")
    assert "unpacks to more than 128 MiB" in reasons[0].read_text(encoding="utf-8")
    assert "damaged" in reasons[1].read_text(encoding="utf-8")
    await city.honest("Trotoar depan sekolah ambles")


def _workbook(sheet: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return held.getvalue()
