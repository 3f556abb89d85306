"""Whole processes that receive, killed and begun again."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.connectors.smpp.smsc import Smsc, delivery
from tests.outside import Place, make_place, start

COUNT = 30
SOURCE = """
sources:
  sms:
    channel: smpp_sms
    secrets: {{password: SMS_PASSWORD}}
    settings: {{host: 127.0.0.1, port: {port}, system_id: kota}}
hubs: {{}}
"""


async def test_killed_while_it_receives(tmp_path: Path) -> None:
    place = make_place(tmp_path / "home", "http://127.0.0.1:1")
    async with Smsc() as smsc:
        _configure(place, smsc)
        place.scene.secrets["SMS_PASSWORD"] = smsc.password
        smsc.window = 10
        for number in range(COUNT):
            smsc.put(f"m{number}", delivery(f"Lampu nomor {number} padam.".encode(), f"62811000002{number:02}"))
        # One message in two parts, of which the second comes first; the number is written as within the country.
        octets = "Jalan rusak 😡 di depan pasar".encode("utf-16-be")
        for number, part in ((2, octets[28:]), (1, octets[:28])):
            header = bytes((5, 0, 3, 77, 2, number))
            smsc.put(f"p{number}", delivery(header + part, "81100000399", ton=2, esm=0x40, coding=8))
        # The log has a second batch, and the SMSC does not know it.
        with start(place, env={"MUARA_FAULT_POINT": "connectors.polled:2"}, fresh=True) as running:
            assert await running.ended() == -9, running.said()[-2000:]
        unanswered = len(smsc.held)
        assert 0 < unanswered < COUNT + 2
        with start(place) as running:
            await running.ready()
            found = await place.rest(COUNT + 2)
            said = running.said()
            assert await running.stop() == 0
        assert found.balanced, found.line()
        assert (found.terms["received"], found.terms["merged"]) == (COUNT + 2, 1), found.line()
        assert 0 < found.terms["redelivered"] <= unanswered
        assert (smsc.held, smsc.unbinds) == ({}, 1)
        assert smsc.password not in said
        assert "81100000" not in said
        with closing(sqlite3.connect(place.home / "data" / "store.db")) as store:
            documents = [
                json.loads(document) for (document,) in store.execute("SELECT document FROM portal_complaints")
            ]
        assert len(documents) == COUNT + 1
        assert "Jalan rusak 😡 di depan pasar" in [each["text"] for each in documents]


def _configure(place: Place, smsc: Smsc) -> None:
    head, _, rest = place.config.read_text(encoding="utf-8").partition("\nsources:")
    tail = rest[rest.index("\ngather:") :]
    place.config.write_text(head + SOURCE.format(port=smsc.port) + tail, encoding="utf-8")
