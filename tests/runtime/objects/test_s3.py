"""Objects on S3: sealed, once, whole, and honest about what is missing and what is only away."""

import hashlib
from pathlib import Path

import pytest

from runtime.objects.protocol import ObjectMissing, ObjectsUnavailable
from runtime.objects.s3 import S3Address, S3Objects
from runtime.sealing.sealer import Sealer
from tools.services.s3 import S3Server

SEALER = Sealer(b"k" * 32)
DATA = b"foto lubang di jalan" * 100
KEY = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def bucket(s3: S3Server) -> Path:
    """A bucket of this test, as the folder that the server keeps it in."""
    return s3.bucket()


def address(s3: S3Server, bucket: str) -> str:
    return f"s3://{bucket}/kota/muara?endpoint={s3.endpoint}"


def files(bucket: Path) -> list[Path]:
    return sorted(path for path in bucket.rglob("*") if path.is_file())


async def test_what_was_put_comes_back_and_is_kept_once_and_sealed(s3: S3Server, bucket: Path) -> None:
    objects = S3Objects(address(s3, bucket.name), SEALER, s3.environment)
    for data in (b"", b"\x00", DATA, b"x" * 6_000_000):
        key = await objects.put(data)
        assert key == hashlib.sha256(data).hexdigest()
        assert await objects.get(key) == data
    stored = bucket / "kota" / "muara" / KEY[:2] / KEY[2:]
    before = stored.read_bytes()
    assert DATA[:20] not in before
    assert len(files(bucket)) == 4
    again = S3Objects(address(s3, bucket.name), SEALER, s3.environment)
    assert await again.put(DATA) == KEY
    assert stored.read_bytes() == before
    assert await again.get(KEY) == DATA
    await again.probe()
    await again.probe()
    assert len(files(bucket)) == 5
    # One that was damaged, or sealed with another key, is missing, and is written anew when it comes again.
    stored.write_bytes(b"damaged")
    with pytest.raises(ObjectMissing, match=KEY):
        await objects.get(KEY)
    assert await objects.put(DATA) == KEY
    assert await objects.get(KEY) == DATA
    with pytest.raises(ObjectMissing):
        await S3Objects(address(s3, bucket.name), Sealer(b"o" * 32), s3.environment).get(KEY)


async def test_missing_and_away_are_two_things(s3: S3Server, bucket: Path) -> None:
    objects = S3Objects(address(s3, bucket.name), SEALER, s3.environment)
    for key in (KEY, "../etc/passwd", KEY.upper()):
        with pytest.raises(ObjectMissing):
            await objects.get(key)
    wrong = s3.environment | {"AWS_SECRET_ACCESS_KEY": "not-the-secret"}
    for objects, words in (
        (S3Objects(address(s3, "nowhere"), SEALER, s3.environment), "there is no such bucket: make it"),
        (S3Objects(address(s3, bucket.name), SEALER, wrong), "the credentials are refused"),
    ):
        for attempt in (objects.put(DATA), objects.get(KEY), objects.probe()):
            with pytest.raises(ObjectsUnavailable, match=words) as told:
                await attempt
            assert "not-the-secret" not in str(told.value)
    away = S3Objects(address(s3, bucket.name), SEALER, s3.environment)
    await away.put(DATA)
    s3.stop()
    for attempt in (away.put(DATA), away.get(KEY), away.probe()):
        with pytest.raises(ObjectsUnavailable, match="is the storage running"):
            await attempt
    s3.start()
    assert await away.get(KEY) == DATA  # by the same connection, without a restart of ours


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("s3://", "are named as s3://BUCKET"),
        ("http://x/y", "are named as s3://BUCKET"),
        ("s3://key:secret@bucket", "credentials do not stand in the address"),
        ("s3://bucket?endpoint=ftp://x", "endpoint begins with https://"),
        ("s3://bucket?style=pth", "style is path"),
        ("s3://bucket?endpont=x", "'endpont' is not known here"),
    ],
)
def test_addresses_that_do_not_fit(url: str, words: str) -> None:
    with pytest.raises(ObjectsUnavailable, match=words):
        S3Objects(url, SEALER, {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})
    with pytest.raises(ObjectsUnavailable, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is not set"):
        S3Objects(url, SEALER, {})


def test_amazon_wants_the_bucket_in_the_name_and_most_others_in_the_path() -> None:
    amazon = S3Address.from_url("s3://my-bucket/a/b/?region=ap-southeast-3")
    assert (amazon.prefix, amazon.region, amazon.virtual_hosted) == ("a/b", "ap-southeast-3", True)
    other = S3Address.from_url("s3://bucket?endpoint=https://minio.example:9000")
    assert (other.prefix, other.endpoint, other.virtual_hosted) == ("", "https://minio.example:9000", False)
    assert S3Address.from_url("s3://bucket?endpoint=https://x.example&style=virtual").virtual_hosted
