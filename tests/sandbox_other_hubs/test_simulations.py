"""The simulations are as strict as their descriptions, so that a profile that passes them says something."""

import ssl

import httpx
import pytest

from sandbox.other_hubs.legacy import LegacyHub
from sandbox.other_hubs.open311 import Open311Hub
from sandbox.other_hubs.simulation import Simulation

REPORTER = "<pelapor><email/><telpon/><namadepan>Siti</namadepan><namabelakang/></pelapor>"
WHOLE = f'<lapor token="t">{REPORTER}<laporan rahasia="0" anonim="1"><isi>Lampu</isi></laporan></lapor>'
FORM = {"api_key": "k", "jurisdiction_id": "j", "service_code": "PJU", "address_string": "Jalan Melati"}


@pytest.fixture(scope="module")
def certificates() -> ssl.SSLContext:
    return ssl.create_default_context()  # nothing here speaks TLS; each client would load them anew


def _client(hub: Simulation, certificates: ssl.SSLContext) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=hub.url, verify=certificates, trust_env=False)


async def test_the_old_interface_takes_what_is_described_and_nothing_else(certificates: ssl.SSLContext) -> None:
    async with LegacyHub("t") as hub, _client(hub, certificates) as http:
        for body, status in [
            (WHOLE, 200),
            (WHOLE, 200),
            (WHOLE.replace('token="t"', 'token="x"'), 403),
            (WHOLE.replace("<email/>", ""), 400),
            (WHOLE.replace("Lampu", " "), 400),
            (WHOLE.replace("lapor ", "laporan ", 1).replace("</lapor>", "</laporan>"), 400),
            ("{}", 400),
            ("<!DOCTYPE a><a/>", 400),
        ]:
            answer = await http.post("/api/stream/addstream", content=body)
            assert (answer.status_code, answer.headers["x-simulation"]) == (status, "assumption"), body
        assert [each.tracking_id for each in hub.reports] == ["1200001", "1200002"]  # twice is two
        assert (hub.reports[0].anonymous, hub.reports[0].secret) == (True, False)
        assert (await http.post("/api/services/f01/gettopics", data={"KEYTOKEN": "x"})).status_code == 403
        topics = (await http.post("/api/services/f01/gettopics", data={"KEYTOKEN": "t"})).json()
        assert {"id", "parent", "topic_name"} == set(topics[0])


async def test_georeport_takes_what_is_specified_and_nothing_else(certificates: ssl.SSLContext) -> None:
    async with Open311Hub("k", "j") as hub, _client(hub, certificates) as http:
        for changes, status in [
            ({}, 201),
            ({"api_key": "x"}, 403),
            ({"service_code": "X"}, 404),
            ({"jurisdiction_id": "x"}, 404),
            ({"address_string": ""}, 400),
            ({"address_string": "", "lat": "-3", "long": "102"}, 201),
            ({"description": "x" * 4001}, 400),
        ]:
            answer = await http.post("/requests.json", data={**FORM, **changes})
            assert answer.status_code == status, changes
            assert set(answer.json()[0]) >= ({"service_request_id"} if status == 201 else {"code", "description"})
        first, second = hub.requests
        hub.move(second, "closed", "Selesai")
        listed = (
            await http.get("/requests.json", params={"jurisdiction_id": "j", "service_request_id": second})
        ).json()
        assert [(each["service_request_id"], each["status"], each["status_notes"]) for each in listed] == [
            (second, "closed", "Selesai"),
        ]  # fmt: skip
        assert "phone" not in listed[0]
        one = await http.get(f"/requests/{first}.json", params={"jurisdiction_id": "j"})
        assert one.json()[0]["status"] == "open"
        assert (await http.get("/requests/1.json", params={"jurisdiction_id": "j"})).status_code == 404
        assert (await http.get("/requests.json", params={"jurisdiction_id": "x"})).status_code == 404


async def test_a_token_stands_for_a_number_and_faults_strike_as_they_are_told(certificates: ssl.SSLContext) -> None:
    async with (
        Open311Hub("k", "j", tokens=True) as hub,
        httpx.AsyncClient(base_url=hub.url, verify=certificates) as http,
    ):
        [answer] = (await http.post("/requests.json", data=FORM)).json()
        assert set(answer) == {"token"}
        [found] = (await http.get(f"/tokens/{answer['token']}.json")).json()
        assert found["service_request_id"] in hub.requests
        assert (await http.get("/tokens/t1.json")).status_code == 404
        hub.behave(next_n={"p_5xx": 1, "p_drop_after_accept": 1}, status_5xx=503, retry_after=7)
        busy = await http.post("/requests.json", data=FORM)
        assert (busy.status_code, busy.headers["retry-after"], len(hub.requests)) == (503, "7", 1)
        with pytest.raises(httpx.RemoteProtocolError):
            await http.post("/requests.json", data=FORM)
        assert len(hub.requests) == 2  # it was taken all the same
        assert (await http.post("/requests.json", data=FORM)).status_code == 201
        assert [each.outcome for each in hub.seen if each.method == "POST"] == [
            "answered_201", "failed_5xx", "dropped", "answered_201",
        ]  # fmt: skip
