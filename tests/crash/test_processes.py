"""Each service in a process of its own, on one home: together they are what `muara up` is, and one may be killed."""

from contextlib import ExitStack
from pathlib import Path

from sandbox.hub.server import HubSimulation
from tests.outside import free_ports, make_place, start, until, whatsapp

SERVICES = ("connectors", "normalizer", "dispatcher", "portal")


async def test_four_processes_on_one_home_of_which_each_is_killed_once(tmp_path: Path) -> None:
    async with HubSimulation(tmp_path / "hub.db", token="t", admin_token="a") as hub:
        place = make_place(tmp_path / "home", hub.url)
        place.scene.secrets["DEMO_HUB_TOKEN"] = "t"
        ports = dict(zip(SERVICES, [place.port, *free_ports(3)], strict=True))
        with ExitStack() as stack:
            running = {}
            for service, port in ports.items():
                command = ("run", service, "--port", str(port))
                url = f"http://127.0.0.1:{port}"
                running[service] = stack.enter_context(start(place, *command, url=url))
                await running[service].ready()
            for number, service in enumerate(SERVICES, 1):
                words = f"Lampu jalan nomor {number} di Jalan Melati padam"
                assert await whatsapp(place.url, place.secret, words) == 200
                running[service].kill()
                command = ("run", service, "--port", str(ports[service]))
                running[service] = stack.enter_context(start(place, *command, url=running[service].url))
                await running[service].ready()
            found = await place.rest(len(SERVICES))
            assert found.balanced, (found.faults, [c for c in found.checks if not c.holds])

            async def unheard() -> str:
                summary = await hub.summary()
                return "" if summary.reports == found.terms["delivered"] else str(summary)

            await until(unheard, "the hub lacks some")
            assert (await hub.summary()).doubled == 0
            for each in running.values():
                assert await each.stop() == 0
