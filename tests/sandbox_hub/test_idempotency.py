"""Idempotency keys, switched on and off, and the doubles that follow when they are off."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from sandbox.hub.server import HubSimulation

MakeForm = Callable[..., dict[str, Any]]

KEY = {"Idempotency-Key": "dlv-1"}


async def test_the_same_key_and_report_get_the_first_answer(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    first = await client.post("/pengaduan", json=form(), headers=KEY)
    reordered = dict(reversed(form().items()))
    again = await client.post("/pengaduan", json=reordered, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await hub.summary()).reports == 1


async def test_the_same_key_at_the_same_instant_makes_one_report(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    answers = await asyncio.gather(*(client.post("/pengaduan", json=form(), headers=KEY) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["tracking_id"] for answer in answers}) == 1
    assert (await hub.summary()).reports == 1


async def test_a_key_cannot_be_used_for_something_else(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    path = f"/pengaduan/{(await client.post('/pengaduan', json=form(), headers=KEY)).json()['tracking_id']}"

    other = await client.post("/pengaduan", json=form(judul="Lain"), headers=KEY)
    update = await client.patch(path, json={"revisi": 2, "tambahan": "lagi"}, headers=KEY)
    assert (other.status_code, update.status_code) == (409, 409)
    assert other.json()["galat"][0]["kolom"] == "Idempotency-Key"
    assert "revisi" not in other.json()
    assert (await hub.summary()).reports == 1


async def test_updates_and_comments_are_idempotent_too(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    path = f"/pengaduan/{(await client.post('/pengaduan', json=form())).json()['tracking_id']}"
    for _ in range(2):
        await client.patch(path, json={"revisi": 2, "tambahan": "RT 3"}, headers={"Idempotency-Key": "dlv-2"})
        await client.post(f"{path}/komentar", json={"revisi": 3, "isi": "ada?"}, headers={"Idempotency-Key": "dlv-3"})

    view = (await client.get(path)).json()
    assert view["isi"].count("RT 3") == 1
    assert len(view["komentar"]) == 1


async def test_a_refused_report_does_not_use_up_its_key(client: httpx.AsyncClient, form: MakeForm) -> None:
    assert (await client.post("/pengaduan", json=form(judul=""), headers=KEY)).status_code == 422

    assert (await client.post("/pengaduan", json=form(), headers=KEY)).status_code == 201


async def test_switched_off_a_second_post_makes_a_double_that_is_counted(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    hub.behave(idempotency=False)
    for reference in ("cmp-1", "cmp-1", "cmp-2", "cmp-3", "cmp-3", "cmp-3"):
        assert (await client.post("/pengaduan", json=form(reference), headers=KEY)).status_code == 201

    summary = await hub.summary()
    assert (summary.reports, summary.distinct_references, summary.doubled) == (6, 3, 2)
    assert summary.doubled_references == ["cmp-1", "cmp-3"]
    found = (await client.get("/pengaduan", params={"referensi": "cmp-3"})).json()["laporan"]
    assert len({report["tracking_id"] for report in found}) == 3
