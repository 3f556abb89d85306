"""Nothing that names a person stands in the clear on disk: every byte of log, store and objects is searched."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.stores import everything_in

from .rig import SITI, WAYAN, Rig, text

SECRETS = (
    "Siti Rahayu",
    "Rahayu",
    "81100000001",
    "1100000001",
    "siti.rahayu@warga.example",
    "5108014101900001",
    "Komang Sembiring",
    "komang@warga.example",
    "81100000044",
    "loket Samsat",
    "Sembiring",
    "wamid.RAHAYU",
)


@pytest.fixture
async def disk(rig: Rig, tmp_path: Path) -> bytes:
    """Everything on disk after all kinds of traffic."""
    words = "Lampu jalan mati. Saya Siti Rahayu, 0811-0000-0001, siti.rahayu@warga.example, NIK 5108014101900001"
    await rig.whatsapp(text(words, ident="wamid.RAHAYU"))
    await rig.whatsapp(text("RT 3 ya", ident="wamid.2", after=20))
    await rig.say(words, after=7200)  # merged
    await rig.say(words, sender=WAYAN, name="Komang Sembiring")
    await rig.row(1, isi="Laporan ini rahasia: pungli di loket Samsat", nama="Komang Sembiring", telepon="081100000044")
    await rig.row(2, isi="Rusak. Hubungi Komang Sembiring", nama="Komang Sembiring", rahasia="mungkin")  # dies
    await rig.row(3, isi="Jangan sebut nama saya. Got mampet", nama="Siti Rahayu", email="siti.rahayu@warga.example")
    mail = EmailMessage()
    mail["From"], mail["To"] = "Komang Sembiring <komang@warga.example>", "lapor@kota.example"
    mail["Subject"], mail["Message-ID"] = "Trotoar rusak, dari Komang Sembiring", "<1@warga.example>"
    mail.set_content("Trotoar rusak.\n\nSalam,\nKomang Sembiring\n081100000044")
    mail.add_attachment(
        b"%PDF-1.4 Komang Sembiring",
        maintype="application",
        subtype="pdf",
        filename="surat_Komang-Sembiring_081100000044.pdf",
    )
    await rig.receive("surel-kota", mail.as_bytes(), "message/rfc822")
    await rig.publish("complaints.raw", "x", b'{"text": "Siti Rahayu", "phone": "081100000001"')  # no raw complaint
    await rig.work()
    await rig.work()
    live = await rig.live()
    await rig.command("merge", live[1].complaint_id, live[0].complaint_id)
    await rig.work()
    assert (await rig.ledger()).counts["dead"] == 2
    files = sorted(tmp_path.rglob("*"))  # noqa: ASYNC240 nothing else runs
    return b"".join(path.read_bytes() for path in files if path.is_file()) + await everything_in(rig.store)


async def test_no_name_number_or_address_is_readable_on_disk(disk: bytes) -> None:
    assert b"Lampu jalan mati" in disk  # the search finds what stands there
    # The last record was published by somebody who does not seal; what the normalizer keeps of it is sealed.
    foreign = disk.count(b'{"text": "Siti Rahayu", "phone": "081100000001"')
    assert foreign
    own = disk.replace(b'{"text": "Siti Rahayu", "phone": "081100000001"', b"")
    found = [secret for secret in SECRETS if secret.encode() in own or secret.lower().encode() in own.lower()]
    assert found == []


async def test_nothing_names_a_person_in_the_logs(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    await rig.publish("complaints.statuses", "x", b'{"words": "Siti Rahayu 081100000001"}')
    await rig.publish("complaints.commands", "x", b'{"reason": "Siti Rahayu 081100000001"}')
    await rig.publish("complaints.raw", "x", b'{"text": "Siti Rahayu 081100000001"}')
    await rig.take_statuses()
    await rig.take_commands()
    await rig.take_in()
    told = capsys.readouterr()
    assert "unreadable" in told.out + told.err
    assert "Rahayu" not in told.out + told.err
    assert SITI[2:] not in told.out + told.err
    (letter,) = await rig.dead()
    assert "Rahayu" not in letter.model_dump_json()
