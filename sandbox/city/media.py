"""Where the city's photos lie: at Meta by their ids and for whoever has the token, at Twilio by their addresses.

Meta: `GET /graph/<id>` tells an address, which takes the same token. Twilio: an address that sends on to another one.
"""

import hmac
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.city.clients.mail_shapes import picture, written_into
from sandbox.city.clients.whatsapp import media_id
from sandbox.city.utterances import Attachment, Utterance
from sandbox.listening import Listening

_SOUND = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead" + bytes(11)
AUTHOR = "Warga Contoh"
"""Is said to have taken every photo, beside the picture: nobody may read it in the end."""


class MediaHouse:
    """Serves from `async with` to its end, on a free port of this machine."""

    def __init__(self, token: str) -> None:
        """`token`: what Meta would have given the city."""
        self._token = token
        self._files: dict[str, Attachment] = {}
        self.given = 0
        """Files that were handed out."""
        self._listening = Listening(
            Starlette(
                routes=[
                    Route("/graph/{ident}", self._graph),
                    Route("/berkas/{ident}", self._file),
                    Route("/twilio/{account}/{message}/{seed:int}", self._twilio),
                    Route("/cdn/{seed:int}", self._cdn),
                ]
            )
        )

    async def __aenter__(self) -> Self:
        """Raises `OSError` when there is no port to be had."""
        await self._listening.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._listening.stop()

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return self._listening.url

    def fill(self, utterances: Iterable[Utterance]) -> None:
        """Lay out what goes along with these messages."""
        self._files |= {media_id(each): each for said in utterances for each in said.attachments}

    def _knows(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {self._token}".encode())

    async def _graph(self, request: Request) -> Response:
        if not self._knows(request):
            return JSONResponse({"error": {"message": "no valid token", "code": 190}}, 401)
        ident = request.path_params["ident"]
        if ident not in self._files:
            return JSONResponse({"error": {"message": "no such object", "code": 100}}, 400)
        answer = {"messaging_product": "whatsapp", "url": f"{self.url}/berkas/{ident}", "id": ident}
        return JSONResponse(answer)

    async def _file(self, request: Request) -> Response:
        if not self._knows(request):
            return Response(status_code=401)
        return self._give(self._files.get(request.path_params["ident"]))

    async def _twilio(self, request: Request) -> Response:
        return RedirectResponse(f"/cdn/{request.path_params['seed']}", 307)

    async def _cdn(self, request: Request) -> Response:
        return self._give(Attachment("image/png", "", request.path_params["seed"]))

    def _give(self, attachment: Attachment | None) -> Response:
        if attachment is None:
            return Response(status_code=404)
        self.given += 1
        if attachment.media_type.startswith("audio/"):
            return Response(_SOUND, media_type="audio/ogg")
        return Response(written_into(picture(attachment), "Author", AUTHOR), media_type="image/png")
