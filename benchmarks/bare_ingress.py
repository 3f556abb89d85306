"""The least that a webhook can be: check the signature, produce, answer. `python -m benchmarks.bare_ingress URL`."""

import hashlib
import hmac
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.serving import serve
from runtime.bus.kafka_settings import KafkaSettings
from schemas.topics import RAW

SECRET = "BENCH_WA_APP_SECRET"  # noqa: S105 the name of a variable


def application(bus: str, secret: str) -> Starlette:
    """A route that answers when the brokers have the bytes, with the durability that Muara asks for."""
    settings = KafkaSettings.from_url(bus)
    topic, key = settings.prefix + RAW.name, secret.encode()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.producer = AIOKafkaProducer(
            bootstrap_servers=list(settings.servers), acks="all", enable_idempotence=True, compression_type="lz4"
        )
        await app.state.producer.start()
        yield
        await app.state.producer.stop()

    async def take(request: Request) -> Response:
        body = await request.body()
        proof = "sha256=" + hmac.digest(key, body, hashlib.sha256).hex()
        if not hmac.compare_digest(proof, request.headers.get("x-hub-signature-256", "")):
            return Response(status_code=401)
        await request.app.state.producer.send_and_wait(topic, body)
        return Response(orjson.dumps({"accepted": 1}), media_type="application/json")

    return Starlette(routes=[Route("/in/{source}", take, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    serve(application(sys.argv[1], os.environ[SECRET]))
