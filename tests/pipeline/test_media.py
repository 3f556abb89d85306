"""A photo that a message only names comes to the hub: after its complaint, and without what it tells of its place."""

import asyncio
import hashlib
import struct
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from muara.audit import audit
from muara.ground import open_books
from tests.connectors.media.provider import PHOTO, TOKEN, running
from tests.stores import Templates

from .sizes import Size
from .town import Person, amend, open_town

_GPS = (
    b"MM\x00\x2a\x00\x00\x00\x08\x00\x01\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00\x00\x04"
    b"\x00\x01\x00\x02\x00\x00\x00\x02S\x00\x00\x00\x00\x02\x00\x05\x00\x00\x00\x03\x00\x00\x00\x50"
    b"\x00\x03\x00\x02\x00\x00\x00\x02E\x00\x00\x00\x00\x04\x00\x05\x00\x00\x00\x03\x00\x00\x00\x68\x00\x00\x00\x00"
) + struct.pack(">12I", 3, 1, 17, 1, 40, 1, 102, 1, 51, 1, 41, 1)


async def test_a_photo_by_its_id_follows_its_complaint_to_the_hub(
    tmp_path: Path, templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_PENYEDIA", TOKEN)
    siti = Person("Siti Contoh", 1)
    exif = b"Exif\0\0" + _GPS
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(running())
        provider.photo = PHOTO[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + PHOTO[2:]
        provider.expired.add("/berkas/700001/1")
        town = await open_town(stack, tmp_path, Size("embedded", templates))
        await town.end()
        source = {"secrets": {"access_token": "TOKEN_PENYEDIA"}, "settings": {"media_url": f"{provider.url}/lama"}}
        amend(town.scene.home, sources={"wa-kota": source}, connectors={"media": {"allow": ["127.0.0.1"]}})
        await town.begin()
        await town.whatsapp(
            {
                "from": siti.digits, "id": "wamid.foto", "timestamp": "1795503900", "type": "image",
                "image": {"id": "700001", "mime_type": "image/png", "caption": "Gorong-gorong ambrol dekat balai desa"},
            },
            name=siti.name,
        )  # fmt: skip
        await town.rest(1)
        async with asyncio.timeout(60):
            while not (form := (await town.report(siti))[0].formulir)["lampiran"]:  # noqa: ASYNC110 a hub tells nobody
                await asyncio.sleep(0.1)
        digest = hashlib.sha256(PHOTO).hexdigest()
        files = form["lampiran"]
        assert isinstance(files, list)
        assert [(each["sha256"], each["jenis"]) for each in files] == [(digest, "image/jpeg")]
        _, shown = await town.report(siti)
        assert (round(shown["place"]["latitude"], 3), round(shown["place"]["longitude"], 3)) == (-3.294, 102.861)
        await town.rest()
        async with open_books(town.ground.home, town.ground.config) as books:
            found = await audit(books)
        assert found.balanced, [check for check in found.checks if not check.holds] + list(found.faults)
