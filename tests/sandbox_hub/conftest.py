"""A hub on a real socket, a client with its token, and a form that is always right."""

import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.hub.server import HubSimulation

TOKEN = "token-pengirim"
ADMIN = "token-pengelola"


@pytest.fixture
def form() -> Callable[..., dict[str, Any]]:
    def make(referensi: str = "cmp-1", **changes: object) -> dict[str, Any]:
        return {
            "referensi": referensi,
            "judul": "Jalan berlubang di depan pasar",
            "isi": "Jalan berlubang sedalam lutut di depan pasar, sudah dua minggu.",
            "klasifikasi": "pengaduan",
            "instansi_tujuan": "DPU",
            "kategori": "INFRA.JALAN",
            "kanal": "whatsapp",
            "pelapor": {"nama": "Siti Contoh", "telepon": "+62 811-0000-0001"},
            **changes,
        }

    return make


@pytest.fixture(scope="session")
def certificates() -> ssl.SSLContext:
    # Nothing here speaks TLS, but each client would load all certificates of the machine anew.
    return ssl.create_default_context()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "hub.db"


@pytest.fixture
async def hub(database: Path) -> AsyncIterator[HubSimulation]:
    async with HubSimulation(database, token=TOKEN, admin_token=ADMIN, seed=7) as running:
        yield running


@pytest.fixture
async def client(hub: HubSimulation, certificates: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(
        base_url=f"{hub.url}/api/v1", headers=headers, verify=certificates, trust_env=False
    ) as http:
        yield http


@pytest.fixture
async def admin(hub: HubSimulation, certificates: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {ADMIN}"}
    async with httpx.AsyncClient(
        base_url=f"{hub.url}/_simulasi", headers=headers, verify=certificates, trust_env=False
    ) as http:
        yield http
