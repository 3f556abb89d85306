"""One try to fetch one file: where it is, what it is, and where it is kept."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel

from connectors.media.client import Answer, MediaClient, NotNow, Refused, origin
from connectors.media.wanting import Job
from connectors.settings import MediaSettings
from connectors.source import MissingSecret, Source
from recipes.hubs.credentials import fixed, with_credential
from recipes.hubs.requests import Request
from recipes.mapped import MappingError
from recipes.media import MediaAccess, is_address
from runtime.contents.examining import BadContent, examined
from runtime.delivery.backoff import retry_after
from runtime.delivery.outcomes import (
    Absent,
    Delivered,
    Delivery,
    Doubts,
    Found,
    Outcome,
    Rejected,
    Retry,
    Unknown,
    Wait,
)
from runtime.objects.protocol import Objects, ObjectsUnavailable

_ANSWER_LIMIT = 64 * 1024
"""Bytes of an answer that says where a file is."""
_DENIED = timedelta(minutes=5)
"""After which a provider that refused our credentials is asked again: somebody has to correct them."""


class Kept(BaseModel):
    """A file that is stored."""

    message_id: UUID
    number: int
    object: str
    media_type: str
    size: int
    latitude: float | None = None
    longitude: float | None = None


class Fetcher:
    """Fetches the files of one source. Fetching twice does no harm: a file is stored under its hash."""

    def __init__(
        self,
        source: Source,
        client: MediaClient,
        objects: Objects,
        settings: MediaSettings,
        clock: Callable[[], datetime],
    ) -> None:
        assert source.channel.media is not None  # noqa: S101 only such sources are served
        self._source = source
        self._access: MediaAccess = source.channel.media
        self._client = client
        self._objects = objects
        self._settings = settings
        self._clock = clock
        self._base = base_of(source)
        self.problem: str | None = None
        """What a person has to correct."""

    def doubts(self, kind: str, frozen: bytes | None = None) -> Doubts:
        """A doubt is settled by doing it again."""
        del kind, frozen
        return Doubts(repeatable=True, settle_after=timedelta(0), absence_proves=False)

    async def lookup(self, delivery: Delivery, frozen: bytes) -> Found | Absent | Unknown:
        """Never needed."""
        del delivery, frozen
        return Unknown("files are fetched again")

    async def send(self, delivery: Delivery, frozen: bytes) -> Outcome:
        """One try."""
        del delivery
        job = Job.model_validate_json(frozen)
        try:
            found = await self._fetched(job)
            return found if not isinstance(found, Answer) else await self._kept(job, found)
        except Refused as error:
            return Rejected(str(error))
        except NotNow as error:
            return Retry(str(error))
        except MissingSecret as error:
            self.problem = str(error)
            return Wait(str(error), _DENIED)
        except MappingError as error:
            return Retry(str(error))
        except ObjectsUnavailable as error:
            return Retry(f"it cannot be stored now: {error}", counts=False)

    async def _fetched(self, job: Job) -> Answer | Outcome:
        reference, secrets = (
            job.reference,
            {name: self._source.live_secrets(name)[0] for name in self._access.model.secrets},
        )
        if is_address(reference):
            first = await self._client.get(reference, self._proved, self._settings.max_size)
            if first.status == HTTPStatus.UNAUTHORIZED and self._is_provider(reference) and (lacks := self._lacking()):
                # So it is with accounts that the provider protects: told in time, no file of them is lost.
                self.problem = f"files cannot be fetched: the provider wants credentials: set the secret {lacks}"
                return Wait(f"the server answers 401, and there is no secret {lacks}", _DENIED)
            return self._good(first, sought=False)
        question = self._access.question(reference, self._base, secrets)
        answer = self._good(await self._client.get(question, self._proved, _ANSWER_LIMIT), sought=False)
        if not isinstance(answer, Answer):
            return answer
        url = self._access.address(answer.content, self._base, secrets)
        return self._good(await self._client.get(url, self._proved, self._settings.max_size), sought=True)

    def _good(self, answer: Answer, *, sought: bool) -> Answer | Outcome:
        """The answer, or what it means that there is none. `sought`: its address was asked for just now."""
        status = answer.status
        if status == HTTPStatus.OK:
            if answer.proved or self._access.model.anonymous:
                self.problem = None
            return answer
        phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "unknown"
        words = f"the server answers {status} ({phrase})"
        pause = retry_after(answer.headers.get("retry-after"), self._clock())
        if status == HTTPStatus.UNAUTHORIZED and answer.proved:
            self.problem = f"files cannot be fetched: the provider refuses our credentials ({status})"
            return Wait(words, _DENIED)
        if status == HTTPStatus.TOO_MANY_REQUESTS and answer.proved:
            return Wait(words, pause)
        if status >= 500 or status in (408, 425, 429) or sought or (status == HTTPStatus.FORBIDDEN and answer.proved):
            return Retry(words, pause)
        return Rejected(f"{words}: the file is gone, or not for us")

    def _proved(self, url: str) -> tuple[str, Mapping[str, str]]:
        """Credentials are for the provider alone, never for a host that a message names."""
        model = self._access.model
        if not self._is_provider(url) or (model.anonymous and self._lacking()):
            return url, {}
        names = model.auth.secrets
        credential = fixed(model.auth, {name: self._source.live_secrets(name)[0] for name in names})
        if credential is None:
            return url, {}
        request = with_credential(Request("GET", url, {}, None), credential)
        return request.target, request.headers

    def _is_provider(self, url: str) -> bool:
        is_base = bool(self._base) and origin(url) == origin(self._base)
        host = (urlsplit(url).hostname or "").lower()
        return is_base or (url.lower().startswith("https://") and host in self._access.model.hosts)

    def _lacking(self) -> str:
        """The secrets that the source does not have, in words."""
        names = (name for name in self._access.model.auth.secrets if not any(self._source.secrets.get(name, ())))
        return ", ".join(f'"{name}"' for name in names)

    async def _kept(self, job: Job, answer: Answer) -> Outcome:
        content = answer.content
        if not content:
            return Retry("the server gives an empty file")
        declared = job.declared or answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            found = await examined(content, declared)
        except BadContent as error:
            return Rejected(f"{error}; it is kept, sealed, as {await self._objects.put(content)}")
        clean, position = found.content, found.position
        kept = Kept(
            message_id=job.message_id,
            number=job.number,
            object=await self._objects.put(clean),
            media_type=found.kind,
            size=len(clean),
            latitude=position[0] if position else None,
            longitude=position[1] if position else None,
        )
        return Delivered(kept.object, answer=kept.model_dump_json().encode())


def base_of(source: Source) -> str:
    """The provider's address, as the source or its recipe says; empty when there is none."""
    media = source.channel.media
    told = source.options.get("media_url") or (media.model.base if media else None) or ""
    return str(told).rstrip("/")
