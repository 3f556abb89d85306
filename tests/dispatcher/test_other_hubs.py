"""Hubs that speak otherwise: the old interface, GeoReport v2, and the invented service of the guide, over sockets."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode

import pytest

from dispatcher import tables as t
from dispatcher.hub import PROFILES, Hub
from dispatcher.service import Dispatcher
from recipes.document import parse_text
from recipes.hubs.models import Limits
from recipes.hubs.profile import Profile, compile_profile, load_profile
from sandbox.other_hubs.legacy import LegacyHub
from sandbox.other_hubs.open311 import Open311Hub
from sandbox.other_hubs.simulation import Simulation
from schemas.parts import Place

from .conftest import House, settled, until
from .sipadu import Sipadu

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

TOKEN = "kunci-lama"
GUIDE = (Path(__file__).parents[2] / "docs" / "hubs.md").read_text(encoding="utf-8")
PLACE = Place(street="Jalan Melati")


def guide_profile() -> Profile:
    found = re.search(r"```yaml\n(name: sipadu\n.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return compile_profile(parse_text(found[1], "sipadu.yaml"))


def hub(house: House, simulation: Simulation, profile: Profile, **more: object) -> Hub:
    fields = {"base_url": simulation.url, "profile": profile, "secrets": {"token": TOKEN}, **more}
    return house.hub(simulation, **fields)  # type: ignore[arg-type]  # any simulation has an address


async def test_the_old_interface_gets_the_documented_bytes_and_no_more_than_once(house: House) -> None:
    async with LegacyHub(TOKEN) as old:
        dispatcher = await house.dispatcher({"lama": hub(house, old, load_profile(PROFILES / "lapor_legacy.yaml"))})
        whole = house.complaint(
            "c1", rahasia=True, anonim=True, private={"text": "Lampu mati", "name": "Siti Ayu", "email": "s@w.example"}
        )
        await house.publish(whole)
        await settled(house, dispatcher)
        [request] = old.seen
        assert (request.method, request.target) == ("POST", "/api/stream/addstream")
        assert request.headers["content-type"] == "text/xml; charset=UTF8"
        # The elements, attributes and their order as the public description of the interface has them.
        assert request.body == (
            b'<lapor token="kunci-lama"><pelapor><email>s@w.example</email><telpon>+6281100000001</telpon>'
            b"<namadepan>Siti</namadepan><namabelakang>Ayu</namabelakang></pelapor>"
            b'<laporan rahasia="1" anonim="1"><isi>Lampu mati</isi></laporan></lapor>'
        )
        row = await house.delivery(whole, "lama")
        assert (row.state, row.receipt) == ("delivered", old.reports[0].tracking_id)
        assert TOKEN.encode() not in house.sealing.open(row.request, subject=str(row.delivery_id), field="request")

        # It took the second, and broke the connection before it said so. There is no look-up: a person decides.
        old.behave(next_n={"p_drop_after_accept": 1}, drop_at_byte=40)
        doubtful = house.complaint("c2")
        await house.publish(doubtful)
        await settled(house, dispatcher, step=30)
        row = await house.delivery(doubtful, "lama")
        assert (row.state, len(old.reports)) == ("parked", 2)
        assert "no look-up" in row.reason

        # A later revision has no way there, and is no error.
        await house.publish(house.complaint("c1", 2, private={"text": "Masih mati"}))
        await settled(house, dispatcher)
        [(kind, states)] = (await house.deliveries("lama")).items()
        assert (kind, sorted(states)) == (("lama", "create"), ["delivered", "parked"])
        assert all(check.holds for check in (await dispatcher.ledger()).checks)


SETTINGS = {"jurisdiction": "muara.example", "services": {"penerangan-jalan": "PJU"}, "service": "LAIN"}


def open311(house: House, endpoint: Open311Hub, **changes: object) -> Hub:
    profile = Profile(load_profile(PROFILES / "open311.yaml").model.model_copy(update=changes))
    return hub(house, endpoint, profile, secrets={"api_key": TOKEN}, settings=SETTINGS)


async def test_georeport_gets_the_documented_form_and_its_states_come_back(house: House) -> None:
    async with Open311Hub(TOKEN, "muara.example") as endpoint:
        dispatcher = await house.dispatcher({"kota": open311(house, endpoint)})
        complaint = house.complaint("c1", place=PLACE, private={"name": "Siti Ayu"})
        secret = house.complaint("c2", rahasia=True, place=Place(), private={"place": PLACE.model_dump(mode="json")})
        await house.publish(complaint, secret)
        await settled(house, dispatcher)
        [post] = [each for each in endpoint.seen if each.method == "POST"]
        assert post.target == "/requests.json"
        assert post.body.decode() == urlencode(
            {
                "jurisdiction_id": "muara.example",
                "service_code": "LAIN",
                "address_string": "Jalan Melati",
                "description": "Lampu jalan di Jalan Melati mati sejak Senin (c1)",
                "first_name": "Siti",
                "last_name": "Ayu",
                "phone": "+6281100000001",
                "api_key": TOKEN,
            }
        )
        # A confidential complaint does not go where everything is public, and somebody is told.
        row = await house.delivery(secret, "kota")
        assert (row.state, row.attempts) == ("parked", 0)
        assert "confidential" in row.reason

        number = str((await house.delivery(complaint, "kota")).receipt)
        await until(lambda: _told(house, "received"))
        endpoint.move(number, "closed", "Sudah diganti")
        await until(lambda: _told(house, "closed"))
        [closed] = [s for s in await house.statuses() if s.state == "closed"]
        assert (closed.complaint_id, closed.tracking_id, closed.words) == (
            complaint.complaint_id, number, "Sudah diganti",
        )  # fmt: skip
        asked = [parse_qsl(each.target.partition("?")[2]) for each in endpoint.seen if each.method == "GET"]
        assert dict(asked[0]) == {"jurisdiction_id": "muara.example", "service_request_id": number}
        assert not any("api_key" in dict(each) for each in asked)


async def _told(house: House, state: str) -> bool:
    return any(s.kind == "status" and s.state == state for s in await house.statuses())


async def test_without_a_reference_a_report_is_found_by_its_words_and_nobody_elses_is_taken_for_it(
    house: House,
) -> None:
    async with Open311Hub(TOKEN, "muara.example") as endpoint:
        # Nothing is polled: a fault strikes what the test sends.
        dispatcher = await house.dispatcher({"kota": open311(house, endpoint, standing=None)})
        text = {"text": "Lampu  mati di depan pasar"}
        first = house.complaint("c1", place=PLACE, private=text)
        await house.publish(first)
        await settled(house, dispatcher)

        # Word for word what another citizen wrote, and the answer is lost: the look-up sees both.
        endpoint.behave(next_n={"p_drop_after_accept": 1})
        second = house.complaint("c2", place=PLACE, private=text)
        await house.publish(second)
        await settled(house, dispatcher, step=30)
        row = await house.delivery(second, "kota")
        assert (row.state, len(endpoint.requests)) == ("delivered", 2)
        assert row.receipt != (await house.delivery(first, "kota")).receipt

        # Never taken, which a list that lags cannot prove: parked, not sent again.
        endpoint.behave(next_n={"outage": 1}, outage_mode="closed")
        third = house.complaint("c3", place=PLACE)
        await house.publish(third)
        await settled(house, dispatcher, step=30)
        assert (await house.delivery(third, "kota")).state == "parked"
        assert len(endpoint.requests) == 2
        asked = [parse_qs(e.target.partition("?")[2]) for e in endpoint.seen if "start_date" in e.target]
        assert asked
        assert all(each["start_date"][0].startswith("2026-11-24T") for each in asked)


async def test_a_hub_that_gives_numbers_later_is_asked_for_them(house: House) -> None:
    async with Open311Hub(TOKEN, "muara.example", tokens=True) as endpoint:
        dispatcher = await house.dispatcher({"kota": open311(house, endpoint)})
        complaint = house.complaint("c1", place=PLACE)
        await house.publish(complaint)
        await settled(house, dispatcher, step=30)
        row = await house.delivery(complaint, "kota")
        assert (row.state, row.receipt, len(endpoint.requests)) == ("delivered", next(iter(endpoint.requests)), 1)


def sipadu(house: House, service: Sipadu, **secrets: str) -> Hub:
    names = {"pengguna": service.user, "sandi": service.password, **secrets}
    unhurried = guide_profile().model.model_copy(update={"limits": Limits()})
    return hub(house, service, Profile(unhurried), secrets=names)


async def _run(house: House, dispatcher: Dispatcher, *names: str) -> None:
    await house.publish(*(house.complaint(name) for name in names))
    await settled(house, dispatcher, step=5)


async def test_the_service_of_the_guide_is_served_by_the_profile_of_the_guide(house: House) -> None:
    async with Sipadu() as service:
        dispatcher = await house.dispatcher({"sipadu": sipadu(house, service)})
        await _run(house, dispatcher, *(f"c{n}" for n in range(8)))
        assert (len(service.tickets), service.logins) == (8, 1)
        row = await house.delivery(house.complaint("c0"), "sipadu")
        frozen = house.sealing.open(row.request, subject=str(row.delivery_id), field="request")
        assert b"sesi-1" not in frozen
        assert b"sandi-rahasia" not in frozen

        # Everything that a 200 can carry: the session ended, the service is busy, a field is wrong, an unknown code.
        service.sessions.clear()
        await _run(house, dispatcher, "ended")
        assert (len(service.tickets), service.logins) == (9, 2)
        for code, name, state in (("31", "busy", "delivered"), ("21", "wrong", "rejected"), ("99", "odd", "delivered")):
            service.codes = [code]
            await _run(house, dispatcher, name)
            assert (await house.delivery(house.complaint(name), "sipadu")).state == state, name
        assert "lain kali" in (await house.delivery(house.complaint("wrong"), "sipadu")).reason

        # Taken, and the answer lost: found again by our reference, and sent once.
        service.behave(next_n={"p_drop_after_accept": 1})
        await _run(house, dispatcher, "lost")
        numbers = [sent.findtext("{urn:sipadu}Nomor") for _, sent in service.tickets]
        assert len(numbers) == len(set(numbers)) == 12

        service.changes = [(str((await house.delivery(house.complaint("c0"), "sipadu")).receipt), "SELESAI")]
        await until(lambda: _told(house, "closed"))


async def test_an_answer_that_breaks_at_any_byte_makes_no_double_at_the_other_hubs(house: House) -> None:
    """Each report is taken, and each answer breaks one byte later than the one before, up to the whole answer."""
    async with LegacyHub(TOKEN) as old, Open311Hub(TOKEN, "muara.example") as georeport:
        hubs = {
            "lama": hub(house, old, load_profile(PROFILES / "lapor_legacy.yaml")),
            "kota": open311(house, georeport, standing=None, limits=Limits()),
        }
        dispatcher = await house.dispatcher(hubs)
        longest = 300
        for each in (old, georeport):
            each.behave(next_n={"p_drop_after_accept": longest}, drop_at_byte=0, drop_further=1)
        await house.publish(*(house.complaint(f"at {byte}", place=PLACE) for byte in range(longest)))
        await settled(house, dispatcher, step=5, seconds=120)

        assert {"lama": len(old.reports), "kota": len(georeport.requests)} == dict.fromkeys(hubs, longest)
        rows = await house.rows(t.deliveries)
        states = {name: Counter(row.state for row in rows if row.destination == name) for name in hubs}
        # By its words each is found again; where nothing can be asked, a person decides, but for the whole answers.
        assert states["kota"] == {"delivered": longest}
        assert states["lama"].keys() == {"delivered", "parked"}
        whole = [
            byte for byte in range(longest) if (await house.delivery(house.complaint(f"at {byte}"), "lama")).receipt
        ]
        assert len(whole) == states["lama"]["delivered"] < 30
        numbers = [row.receipt for row in rows if row.destination == "kota"]
        assert len(set(numbers)) == longest
        assert all(check.holds for check in (await dispatcher.ledger()).checks)


async def test_a_lost_answer_makes_no_second_ticket_wherever_it_broke(house: House) -> None:
    async with Sipadu() as service:
        # Nothing is polled: a fault strikes what the test sends.
        quiet = Profile(guide_profile().model.model_copy(update={"limits": Limits(), "changes": None}))
        served = hub(house, service, quiet, secrets={"pengguna": service.user, "sandi": service.password})
        dispatcher = await house.dispatcher({"sipadu": served})
        await _run(house, dispatcher, "first")
        places = range(0, 520, 13)
        for at in places:
            service.behave(next_n={"p_drop_after_accept": 1}, drop_at_byte=at)
            await _run(house, dispatcher, f"lost-{at}")
        calls = [each.headers["soapaction"] for each in service.seen]
        assert calls.count("KirimAduan") == len(service.tickets) == len(places) + 1
        assert len(places) / 2 < calls.count("CariAduan") < len(places)  # the last answers were whole
        assert await house.deliveries() == {("sipadu", "create"): ["delivered"] * (len(places) + 1)}
        # Never taken, which the look-up proves here: it is sent again.
        service.behave(next_n={"outage": 1}, outage_mode="closed")
        await _run(house, dispatcher, "never")
        assert len(service.tickets) == len(places) + 2


async def test_a_wrong_password_stops_the_hub_before_anything_of_a_complaint_is_sent(house: House) -> None:
    async with Sipadu() as service:
        dispatcher = await house.dispatcher({"sipadu": sipadu(house, service, sandi="salah")})
        await house.publish(house.complaint("c"))

        async def stopped() -> bool:
            return "dispatcher.hub.sipadu" in dispatcher.health.problems

        await until(stopped)
        assert "name or password are wrong" in dispatcher.health.problems["dispatcher.hub.sipadu"]
        assert {each.headers["soapaction"] for each in service.seen} == {"Masuk"}
        assert service.logins <= 2  # by the one that sends, and the one that asks for news: accounts are locked by more
        row = await house.delivery(house.complaint("c"), "sipadu")
        assert (row.state, row.attempts, row.doubt) == ("pending", 0, False)
        service.password = "salah"
        assert await house.command("resume", "sipadu") == "resumed"
        await settled(house, dispatcher)
        assert len(service.tickets) == 1
        assert (await house.rows(t.hubs))[0].stopped is None
