"""What a running Muara exports: the ledger's own sums, and nothing that names a person or a message."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from email.message import EmailMessage
from unittest.mock import patch

import pytest
import pytest_asyncio

from tests.outside import until
from tools.observability.catalogue import catalogue

from .sizes import Size
from .town import Person, Town, open_town

pytestmark = pytest.mark.asyncio(loop_scope="module")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{32}|wamid|\d{7,}|@")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_NUMBERS = {"le", "partition", "version", "python"}
"""Labels whose values are numbers of a kind."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, size: Size) -> AsyncIterator[Town]:
    """A town that counts its ledger all the time."""
    async with AsyncExitStack() as stack:
        for name in ("_EVERY", "_SHARE"):
            stack.enter_context(patch(f"muara.ledger_metrics.{name}", 0.1))
        yield await open_town(stack, tmp_path_factory.mktemp("town"), size)


async def brought(town: Town) -> tuple[float, float]:
    """Messages of WhatsApp, and deliveries of it that are durable."""
    messages = await town.metric("muara_source_messages_total", source="wa-kota")
    return messages, await town.metric("muara_durable_seconds_count", channel="whatsapp_cloud")


async def test_the_exported_sums_are_the_ledgers(town: Town, person: Callable[[str], Person]) -> None:
    ani, before = person("Ani Contoh"), await brought(town)
    await town.whatsapp(town.text(ani, "Pohon tumbang menutup jalan di depan SDN 3 Sukamaju, tolong segera"))
    await town.whatsapp(town.text(ani, "tes"))
    await town.rest(2)

    async def differing() -> dict[str, float]:
        # Counted anew each time: the hub goes on telling its news meanwhile.
        wanted = {name: float(count) for name, count in (await town.audit()).terms.items()}
        found = {}
        for name in wanted:
            messages = await town.metric("muara_ledger_messages", state=name)
            found[name] = messages + await town.metric("muara_ledger_deliveries", state=name)
        return {name: count for name, count in found.items() if count != wanted[name]}

    await until(differing, "the exported ledger")
    assert await town.metric("muara_ledger_balanced") == 1
    assert await brought(town) == (before[0] + 2, before[1] + 2)
    assert await town.metric("muara_disk_free_bytes") > 0
    assert await town.metric("muara_build_info") == 1


async def test_labels_name_no_person_and_no_message(town: Town, person: Callable[[str], Person]) -> None:
    budi = person("Budi Contoh")
    await town.whatsapp(town.text(budi, f"Saya Budi Contoh {budi.phone}, budi@warga.example, lampu jalan mati di RT 3"))
    await town.desk({"nomor_tiket": "RS-metrik-0000000001", "waktu": "bukan waktu", "keluhan": {"isi": "rusak"}})
    # Who they are stands in every place that a request has, also of those that are turned away.
    await town.sms(budi, f"Budi Contoh lagi, {budi.phone}: sampah menumpuk", f"SM-{budi.digits}")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Budi Contoh <{budi.email}>", "lapor@muarasari.example", budi.phone
    mail["Message-ID"] = f"<{budi.digits}.Budi@warga.example>"
    mail.set_content(f"Jalan berlubang di depan rumah Budi Contoh, {budi.phone}")
    await town.mail(mail, sender=budi.email)
    who = {"X-Budi": budi.phone, "User-Agent": f"Budi/{budi.digits}", "Authorization": f"Bearer {budi.digits}"}
    for path in (f"/in/{budi.digits}", f"/in/wa-kota?nama=Budi&telepon={budi.digits}", f"/v1/complaints/{budi.email}"):
        for method in ("GET", "POST"):
            answer = await town.http.request(method, f"{town.url}{path}", headers=who, content=budi.email)
            assert answer.is_client_error
    await town.rest(4)
    said = (await town.http.get(f"{town.url}/metrics")).text
    labels = {(name, value) for name, value in _LABEL.findall(said) if name not in _NUMBERS}
    assert ("channel", "whatsapp_cloud") in labels
    assert [each for each in labels if _ID.search(each[1])] == []
    assert [each for each in ("Budi", "budi", budi.digits, budi.digits[3:]) if each in said] == []


async def test_the_catalogue_tells_all_that_is_exported(town: Town) -> None:
    known = await asyncio.to_thread(catalogue)
    said = (await town.http.get(f"{town.url}/metrics")).text
    exported = {line.split()[2] for line in said.splitlines() if line.startswith("# TYPE ")}
    assert {name for name in exported if not name.startswith(("process_", "muara_"))} == set()
    names = {name for name in exported if name.startswith("muara_") and not name.endswith("_created")}
    assert names <= known.keys()
    assert [name for name, each in known.items() if len(each.words) < 10] == []
