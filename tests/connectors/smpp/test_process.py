"""Whole processes that receive, killed and begun again."""

from pathlib import Path

from tests.connectors.smpp.smsc import Smsc, delivery
from tests.outside import Place, make_place, start

COUNT = 60
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
        # The log has a second batch, and the SMSC does not know it.
        with start(place, env={"MUARA_FAULT_POINT": "connectors.polled:2"}, fresh=True) as running:
            assert await running.ended() == -9, running.said()[-2000:]
        unanswered = len(smsc.held)
        assert 0 < unanswered < COUNT
        with start(place) as running:
            await running.ready()
            found = await place.rest(COUNT)
            said = running.said()
            assert await running.stop() == 0
        assert found.balanced, found.line()
        assert found.terms["received"] == COUNT, found.line()
        assert 0 < found.terms["redelivered"] <= unanswered
        assert (smsc.held, smsc.unbinds) == ({}, 1)
        assert smsc.password not in said
        assert "6281100000" not in said


def _configure(place: Place, smsc: Smsc) -> None:
    head, _, rest = place.config.read_text(encoding="utf-8").partition("\nsources:")
    tail = rest[rest.index("\ngather:") :]
    place.config.write_text(head + SOURCE.format(port=smsc.port) + tail, encoding="utf-8")
