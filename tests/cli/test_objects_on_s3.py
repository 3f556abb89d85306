"""A home whose attachments and large payloads lie on S3: accepted, read, audited, checked, and waited for."""

from pathlib import Path

from tests.outside import free_ports, ledger, make_place, muara, refused, start, until, whatsapp
from tools.services.s3 import S3Server

LONG = "Lampu jalan mati di Jalan Melati, dekat pasar." + " " * 300_000


async def test_large_payloads_lie_on_s3(tmp_path: Path, s3: S3Server) -> None:
    bucket = s3.bucket()
    place = make_place(tmp_path / "home", f"http://127.0.0.1:{free_ports(1)[0]}")
    place.rewrite("partitions: 1", f"partitions: 1\nobjects: s3://{bucket.name}/kota?endpoint={s3.endpoint}")
    refused(muara("up", "--home", place.home, env=place.scene.secrets), "AWS_ACCESS_KEY_ID", "is not set")
    env = place.scene.secrets | s3.environment
    with start(place, env=env) as running:
        await running.ready()
        assert await whatsapp(place.url, place.secret, LONG) == 200
        s3.stop()
        # What needs no object is taken; what does is to come again.
        assert await whatsapp(place.url, place.secret, "Pohon tumbang") == 200
        assert await whatsapp(place.url, place.secret, LONG, ident="wamid.again") == 503
        s3.start()
        assert await whatsapp(place.url, place.secret, LONG, ident="wamid.again") == 200

        async def read() -> str:
            found = ledger(place.home, env)
            return "" if found["received"] == 3 and found["complaints"] >= 2 and not found["dead"] else str(found)

        await until(read, "not read", pause=0.3)
        found = ledger(place.home, env)
        assert found["balanced"]
    stored = [path for path in bucket.rglob("*") if path.is_file()]
    assert len(stored) >= 1
    assert not any(b"Jalan Melati" in path.read_bytes() for path in stored)
    assert not list((place.home / "data" / "objects").rglob("??/*"))
    checked = muara("check", "--home", place.home, env=env)
    assert f"ok  objects: s3://{bucket.name}/kota can be written" in checked.out
    wrong = muara("check", "--home", place.home, env=env | {"AWS_SECRET_ACCESS_KEY": "not-the-secret"})
    assert "the credentials are refused" in wrong.out
    assert "not-the-secret" not in wrong.said
