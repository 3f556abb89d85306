"""Objects on storage that speaks S3 (Amazon's, MinIO, Ceph, Garage and others), by obstore. Sealed before they leave.

A PUT that was answered is durable and whole, and a reader never sees half of it, so nothing has to be renamed here.
The bucket is made by an operator: it should be private, and may be versioned; Muara never deletes objects.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from runtime.objects.naming import key_of, path_of
from runtime.objects.protocol import ObjectMissing, ObjectsUnavailable
from runtime.sealing.protocol import Sealing, SealingError

if TYPE_CHECKING:
    from obstore.store import S3Config  # there is no such name when this runs

_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_TOKEN = "AWS_SESSION_TOKEN"  # noqa: S105 the name of a variable
_ANSWER = timedelta(seconds=8)
"""For one request; whoever waits at the door is told to come again a little later than that."""
_CONNECT = timedelta(seconds=3)
_TRIES = 2


@dataclass(frozen=True, slots=True)
class S3Address:
    """Where the objects lie."""

    bucket: str
    prefix: str
    endpoint: str | None
    """None: Amazon's own."""
    region: str
    virtual_hosted: bool
    """The bucket stands in the host's name, as Amazon wants it; otherwise in the path, as most others do."""

    @classmethod
    def from_url(cls, url: str) -> "S3Address":
        """`s3://BUCKET/PREFIX?endpoint=https://host:9000&region=…&style=path|virtual`.

        Raises:
            ValueError: says what is wrong with it.
        """
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.hostname:
            raise ValueError("objects on S3 are named as s3://BUCKET/PREFIX?endpoint=https://host:9000")
        if parts.username or parts.password:
            raise ValueError(f"credentials do not stand in the address: set {_SECRETS[0]} and {_SECRETS[1]}")
        query = dict(parse_qsl(parts.query))
        endpoint, region, style = (query.pop(name, None) for name in ("endpoint", "region", "style"))
        if query:
            raise ValueError(f"{min(query)!r} is not known here: use endpoint, region and style")
        if endpoint is not None and not endpoint.startswith(("https://", "http://")):
            raise ValueError("endpoint begins with https:// (or http:// inside a network of your own)")
        if style not in (None, "path", "virtual"):
            raise ValueError("style is path (the bucket in the path) or virtual (the bucket in the host's name)")
        virtual = style == "virtual" if style else endpoint is None
        return cls(parts.netloc, parts.path.strip("/"), endpoint, region or "us-east-1", virtual)

    @property
    def shown(self) -> str:
        """As messages name it."""
        where = f"s3://{self.bucket}/{self.prefix}".rstrip("/")
        return f"{where} at {self.endpoint}" if self.endpoint else where


class S3Objects:
    """The `Objects` protocol on a bucket. Connects to nothing before it is used."""

    def __init__(self, url: str, sealing: Sealing, environment: Mapping[str, str] = os.environ) -> None:
        """Credentials come from the environment, by the names that AWS gave them.

        Raises:
            ObjectsUnavailable: the address or the credentials cannot be used.
        """
        if unset := [name for name in _SECRETS if not environment.get(name)]:
            raise ObjectsUnavailable(f"objects on S3: the environment variable {' and '.join(unset)} is not set")
        try:
            self._address = S3Address.from_url(url)
            self._store = _store(self._address, environment)
        except (ValueError, BaseError) as error:
            raise ObjectsUnavailable(f"objects on S3: {_first(error)}") from error
        self._sealing = sealing

    async def put(self, data: bytes) -> str:
        """Store durably. What is there already is not written again, unless it is damaged."""
        key = await asyncio.to_thread(key_of, data)
        try:
            if await self._stands(key):
                return key
            sealed = await asyncio.to_thread(self._sealing.seal_bytes, data, subject=key, field="object")
            await obstore.put_async(self._store, path_of(key), sealed)
        except (BaseError, OSError) as error:
            raise self._unavailable("an attachment cannot be stored", error) from error
        return key

    async def get(self, key: str) -> bytes:
        """The content, opened."""
        path_of(key)
        try:
            return await self._read(key)
        except SealingError as error:
            raise ObjectMissing(f"object {key}: {error}") from error
        except (BaseError, OSError) as error:
            if _is_missing(error):
                raise ObjectMissing(
                    f"object {key} is not in {self._address.shown}: restore it from a backup"
                ) from error
            raise self._unavailable("an attachment cannot be read", error) from error

    async def probe(self) -> None:
        """Write one small object, the same each time: whether the bucket is there, and ours to write.

        It stays, since nobody needs the right to delete for anything else.

        Raises:
            ObjectsUnavailable: it is not; says what to do.
        """
        try:
            await obstore.put_async(self._store, "probe", b"muara")
        except (BaseError, OSError) as error:
            raise self._unavailable("it cannot be written", error) from error

    async def _read(self, key: str) -> bytes:
        result = await obstore.get_async(self._store, path_of(key))
        sealed = bytes(await result.bytes_async())
        return await asyncio.to_thread(self._sealing.open_bytes, sealed, subject=key, field="object")

    async def _stands(self, key: str) -> bool:
        try:
            await self._read(key)
        except SealingError:
            return False
        except (BaseError, OSError) as error:
            if _is_missing(error):
                return False
            raise
        return True

    def _unavailable(self, what: str, error: Exception) -> ObjectsUnavailable:
        said = str(error)
        if "NoSuchBucket" in said:
            remedy = "there is no such bucket: make it, or correct `objects` in muara.yaml"
        elif isinstance(error, PermissionDeniedError | UnauthenticatedError):
            remedy = f"the credentials are refused: are {_SECRETS[0]} and {_SECRETS[1]} right, may they read and write?"
        else:
            remedy = f"is the storage running, and is its address right? ({_first(error)})"
        return ObjectsUnavailable(f"{self._address.shown}: {what}: {remedy}")


def _store(address: S3Address, environment: Mapping[str, str]) -> S3Store:
    key, secret = (environment[name] for name in _SECRETS)
    config: S3Config = {
        "region": address.region,
        "access_key_id": key,
        "secret_access_key": secret,
        "virtual_hosted_style_request": address.virtual_hosted,
    }
    if address.endpoint:
        config["endpoint"] = address.endpoint
    if token := environment.get(_TOKEN):
        config["session_token"] = token
    return S3Store(
        address.bucket,
        prefix=address.prefix or None,
        config=config,
        client_options={
            "timeout": _ANSWER,
            "connect_timeout": _CONNECT,
            "allow_http": (address.endpoint or "").startswith("http://"),
        },
        retry_config={"max_retries": _TRIES, "retry_timeout": _ANSWER},
    )


def _is_missing(error: Exception) -> bool:
    """A bucket that is not there is no proof that its objects are gone."""
    return isinstance(error, NotFoundError | FileNotFoundError) and "NoSuchBucket" not in str(error)


def _first(error: Exception) -> str:
    """The first line: what follows are details of the library."""
    return (str(error).splitlines() or [type(error).__name__])[0].strip()
