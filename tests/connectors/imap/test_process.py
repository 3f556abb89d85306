"""Whole processes that read a mailbox, killed and begun again."""

from pathlib import Path

from tests.outside import Place, make_place, start
from tools.services.dovecot import DovecotServer

from .conftest import mail

COUNT = 220
SOURCE = """
sources:
  surel:
    channel: imap_mailbox
    secrets: {{password: SUREL_PASSWORD}}
    settings: {{host: 127.0.0.1, port: {port}, ca_file: authority.pem, user: aduan, after: move Selesai, interval: 0.5}}
hubs: {{}}
"""


async def test_killed_while_it_reads(dovecot: DovecotServer, tmp_path: Path) -> None:
    place = make_place(tmp_path / "home", "http://127.0.0.1:1")
    (place.home / "authority.pem").write_bytes(dovecot.authority.read_bytes())
    _configure(place, dovecot)
    mails = [mail(f"m{number}@contoh.example", f"Lampu nomor {number} padam.") for number in range(COUNT)]
    dovecot.deliver("aduan", mails)
    place.scene.secrets["SUREL_PASSWORD"] = dovecot.password
    target = dovecot.mailbox("aduan", "Selesai")
    # The log has the second hundred, and the position does not know it yet.
    with start(place, env={"MUARA_FAULT_POINT": "connectors.polled:2"}, fresh=True) as running:
        assert await running.ended() == -9, running.said()[-2000:]
    with start(place) as running:
        await running.ready()
        found = await place.rest(COUNT)
        said = running.said()
        assert await running.stop() == 0
    assert found.balanced, found.line()
    assert (found.terms["received"], found.terms["redelivered"]) == (COUNT, 100)
    assert len(list((target / "cur").iterdir()) + list((target / "new").iterdir())) == COUNT
    assert dovecot.password not in said
    assert "contoh.example" not in said


def _configure(place: Place, dovecot: DovecotServer) -> None:
    head, _, rest = place.config.read_text(encoding="utf-8").partition("\nsources:")
    tail = rest[rest.index("\ngather:") :]
    place.config.write_text(head + SOURCE.format(port=dovecot.tls_port) + tail, encoding="utf-8")
