"""A photo that a message only names comes to the hub, however short its address lives, and without what it tells of its
place.
"""

import asyncio
import hashlib
import struct
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from normalizer.tables import media
from tests.connectors.media.provider import PHOTO, TOKEN, running

from .sizes import Size
from .town import Person, Town, amend, open_town

_GPS = (
    b"MM\x00\x2a\x00\x00\x00\x08\x00\x01\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00\x00\x04"
    b"\x00\x01\x00\x02\x00\x00\x00\x02S\x00\x00\x00\x00\x02\x00\x05\x00\x00\x00\x03\x00\x00\x00\x50"
    b"\x00\x03\x00\x02\x00\x00\x00\x02E\x00\x00\x00\x00\x04\x00\x05\x00\x00\x00\x03\x00\x00\x00\x68\x00\x00\x00\x00"
) + struct.pack(">12I", 3, 1, 17, 1, 40, 1, 102, 1, 51, 1, 41, 1)


async def test_a_photo_is_fetched_while_its_complaint_gathers_and_goes_to_the_hub_with_it(
    tmp_path: Path, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_PENYEDIA", TOKEN)
    siti = Person("Siti Contoh", 1)
    exif = b"Exif\0\0" + _GPS
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(running())
        provider.photo = PHOTO[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + PHOTO[2:]
        provider.expired.add("/berkas/700001/1")
        town = await open_town(stack, tmp_path, size)
        await town.end()
        source = {"secrets": {"access_token": "TOKEN_PENYEDIA"}, "settings": {"media_url": f"{provider.url}/lama"}}
        amend(town.scene.home, sources={"wa-kota": source}, connectors={"media": {"allow": ["127.0.0.1"]}})
        amend(town.scene.home, gather={"wait": 3600})
        await town.begin()
        photo = town.message(siti, "image", {"id": "700001", "caption": "Gorong-gorong ambrol dekat balai desa"})
        await town.whatsapp(photo, name=siti.name)
        async with asyncio.timeout(60):
            while not await _attached(town):  # noqa: ASYNC110 the normalizer tells nobody
                await asyncio.sleep(0.1)
        assert await town.reports(siti) == [], "it gathers still, and for an hour more"
        assert await town.feed() == [], "and nobody was shown anything"
        await town.end()
        provider.expired |= {f"/berkas/700001/{number}" for number in range(1, 9)}
        amend(town.scene.home, gather={"wait": 0.15})
        await town.begin()
        await town.whatsapp(town.text(siti, "RT 3 ya pak", after=20), name=siti.name)
        await town.rest(2)
        report, shown = await town.report(siti)
        digest = hashlib.sha256(PHOTO).hexdigest()
        files = report.formulir["lampiran"]
        assert isinstance(files, list)
        assert [(each["sha256"], each["jenis"]) for each in files] == [(digest, "image/jpeg")]
        assert (round(shown["place"]["latitude"], 3), round(shown["place"]["longitude"], 3)) == (-3.294, 102.861)
        found = await town.audit()
        assert found.balanced, [check for check in found.checks if not check.holds] + list(found.faults)


async def _attached(town: Town) -> bool:
    async with town.ground.store.reading() as connection:
        return bool((await connection.execute(select(media.c.applied))).scalars().all())
