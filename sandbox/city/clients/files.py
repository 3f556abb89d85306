"""Files of the sub-district office: CSV with semicolons and a register's columns, or newline-delimited JSON."""

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from sandbox.city.clients.base import Counts
from sandbox.city.filing import Upload
from sandbox.city.targets import FilesTarget
from sandbox.city.utterances import Kind, Utterance
from sandbox.city.wording import WIB

COLUMNS = ("no", "tanggal", "nama", "telepon", "alamat", "isi_laporan")


def encode_csv(rows: Sequence[Utterance], encoding: str) -> bytes:
    """The file. A broken row has three columns only; what the encoding lacks becomes a question mark, as in Excel."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, said in enumerate(rows, start=1):
        fields = _fields(number, said)
        writer.writerow(fields[:3] if said.kind is Kind.BROKEN else fields)
    return text.getvalue().encode(encoding, errors="replace")


def encode_ndjson(rows: Sequence[Utterance]) -> bytes:
    """The same fields as objects, one a line. A broken line ends in the middle."""
    lines = []
    for number, said in enumerate(rows, start=1):
        line = json.dumps(dict(zip(COLUMNS, _fields(number, said), strict=True)), ensure_ascii=False)
        lines.append(line[: len(line) // 2] if said.kind is Kind.BROKEN else line)
    return "".join(f"{line}\n" for line in lines).encode()


def _fields(number: int, said: Utterance) -> tuple[str, ...]:
    day = f"{said.at.astimezone(WIB):%d/%m/%Y}"
    return (str(number), day, said.sender.name, said.phone, said.address, said.text)


class FilesClient:
    """Drops files into a folder: written under a hidden name, then renamed, so that nobody reads half of one."""

    def __init__(self, target: FilesTarget) -> None:
        self._folder = target.folder
        self.counts = Counts()

    async def upload(self, upload: Upload) -> None:
        """One file, once.

        Raises:
            OSError: the folder cannot be written.
        """
        content = (
            encode_ndjson(upload.rows) if upload.name.endswith(".ndjson") else encode_csv(upload.rows, upload.encoding)
        )
        await asyncio.to_thread(_drop, self._folder, upload.name, content)
        self.counts.settle(verdict=True, messages=len(upload.rows))


def _drop(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    hidden = folder / f".{name}.part"
    hidden.write_bytes(content)
    hidden.replace(folder / name)
