"""A real Prometheus scrapes a running Muara: every panel of every board has something to show, and it is true."""

import asyncio
import math
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.certificates import Authority
from tests.outside import until
from tools.observability.alerts import rules
from tools.observability.panels import boards
from tools.observability.times import Times
from tools.observability.written import yaml_text
from tools.services.prometheus import PrometheusServer, Promtool

from .sizes import Size
from .town import Person, Town, open_town

pytestmark = pytest.mark.asyncio(loop_scope="module")
_CHOSEN = re.compile(r"\$(channel|agency|hub)\b")
_TROUBLES = (
    "Lampu jalan padam",
    "Sampah menumpuk",
    "Jalan berlubang parah",
    "Air PDAM tidak mengalir",
    "Banjir setinggi lutut",
)
_PLACES = ("Marga Mulya", "Majapahit", "Kenanga", "Cereme Taba", "Batu Urip")
_ROUNDS = 60
"""Of messages, at most: whoever still lacks something after them will not get it from more."""


async def _door(stack: AsyncExitStack, folder: Path) -> str:
    """A proxy that speaks TLS before us, as far as a handshake needs one. Returns its address."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*Authority(folder).issue("lapor.muarasari.example"))
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    stack.push_async_callback(server.wait_closed)
    stack.callback(server.close)
    return f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, size: Size) -> AsyncIterator[Town]:
    """A town that counts all the time."""
    async with AsyncExitStack() as stack:
        for name in (
            "ledger_metrics._EVERY",
            "ledger_metrics._SHARE",
            "ground_metrics._EVERY",
            "certificate_metrics._FIRST",
        ):
            stack.enter_context(patch(f"muara.{name}", 0.1))
        door = await _door(stack, tmp_path_factory.mktemp("door"))
        folder = tmp_path_factory.mktemp("town")
        yield await open_town(stack, folder, size, connectors={"webhook": {"public_url": door}})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prometheus(
    town: Town, promtool: Promtool, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[PrometheusServer]:
    """One that scrapes the town every second, with the rules of production in a tenth of the time."""
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "rules.yml").write_text(yaml_text(rules(Times(10))), encoding="utf-8")
    scraped: dict[str, Any] = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(folder / "rules.yml")],
        "scrape_configs": [{"job_name": "muara", "static_configs": [{"targets": [urlsplit(town.url).netloc]}]}],
    }
    code, said = await asyncio.to_thread(promtool, "check", "rules", folder / "rules.yml")
    assert code == 0, said
    server = await asyncio.to_thread(PrometheusServer.start, folder, scraped)
    yield server
    await asyncio.to_thread(server.stop)


def asked(expression: str) -> str:
    """A panel's query as Grafana asks it when everything is chosen."""
    return _CHOSEN.sub(".*", expression).replace("$rate", "60s")


async def traffic(town: Town, someone: Person, number: int) -> int:
    """A little of everything, of a new person at another place; some of it cannot be understood. Returns how many."""
    trouble, place = _TROUBLES[number % 5], _PLACES[number // 5 % 5]
    public = town.ground.config.connectors.webhook.public_url or ""
    await town.whatsapp(
        town.text(someone, f"{trouble} di Kelurahan {place} RT {number + 1}, tolong diperbaiki", number)
    )
    await town.sms(someone, f"{trouble} di Jalan Contoh nomor {number + 7}", f"SM-board-{number}", public=public)
    await town.desk({"nomor_tiket": f"RS-b{number}", "waktu": "bukan waktu", "keluhan": {"isi": "rusak"}})
    await town.hub.advance()
    return 3


async def test_every_panel_has_data_and_chosen_ones_equal_the_audit(
    town: Town, prometheus: PrometheusServer, person: Callable[[str], Person]
) -> None:
    drawn = boards()
    waiting = {each.query for board in drawn for panel in board.panels for each in panel.queries}
    assert len(waiting) > 40
    sent = 0

    async def empty() -> set[str]:
        nonlocal sent
        if sent < 3 * _ROUNDS:
            sent += await traffic(town, person("Ani Contoh"), sent // 3)
        for query in sorted(waiting):
            found = await asyncio.to_thread(prometheus.query, asked(query))
            # A rate of what has just begun is no number yet.
            if any(not math.isnan(float(each["value"][1])) for each in found):
                waiting.discard(query)
        return waiting

    await until(empty, "panels without data", patience=180, pause=0.5)
    await town.rest(sent)
    terms = (await town.audit()).terms

    async def differing() -> dict[str, tuple[float, int]]:
        found = {}
        for panel in next(board for board in drawn if board.name == "overview").panels:
            (query, *_) = panel.queries
            if (state := re.search(r'muara_ledger_\w+\{state="(\w+)"\}', query.query)) is not None:
                [sample] = await asyncio.to_thread(prometheus.query, asked(query.query))
                if (shown := float(sample["value"][1])) != terms[state[1]]:
                    found[state[1]] = (shown, terms[state[1]])
        return found

    await until(differing, "panels that differ from the audit", patience=60, pause=0.5)
    for variable in (each for board in drawn for each in board.variables):
        found = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable.query)
        assert found is not None
        assert await asyncio.to_thread(prometheus.query, f"count by ({found[2]}) ({found[1]})"), variable.name
