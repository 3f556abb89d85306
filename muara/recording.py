"""Captures what a sender really sends, on this machine, and turns it into examples in which nobody is named."""

import asyncio
import contextlib
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from muara.samples import UnreadableSample, sample_of
from recipes.channel import Channel
from recipes.document import DocumentError, parse_text
from recipes.drafting.drafting import Sample
from recipes.drafting.invented import Invented
from recipes.drafting.writing import example_text
from recipes.models import Recipe
from runtime.request_limits import TooLarge, TooSlow, UnsupportedEncoding, read_body

_LARGEST = 4 * 1024 * 1024
_PATIENCE = 30.0
_USUAL = {"host", "content-length", "content-type", "connection", "accept", "accept-encoding", "user-agent"}


class NoPlaceForExamples(ValueError):
    """The recipe cannot take examples at its end; says what to do."""


@dataclass(slots=True)
class Recorder:
    """Takes requests at any path, answers each with 200, and keeps them as samples without identities."""

    say: Callable[[str], None]
    channel: Channel | None = None
    """The recipe that is to read them, where there is one: its answer is given, and what it makes of each is told."""
    samples: list[Sample] = field(default_factory=list)
    invented: Invented = field(default_factory=Invented)
    seen: int = 0
    count: int = 0
    """Requests after which it is `enough`; 0: never."""
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def app(self) -> Starlette:
        """For a server."""
        return Starlette(routes=[Route("/{path:path}", self._take, methods=["GET", "POST", "PUT"])])

    async def _take(self, request: Request) -> Response:
        if (challenge := request.query_params.get("hub.challenge")) is not None:
            self.say("a test of the address, as Meta makes it: answered")
            return PlainTextResponse(challenge)
        try:
            body = await read_body(request, max_body=_LARGEST, timeout=_PATIENCE)
        except (TooLarge, TooSlow, UnsupportedEncoding) as error:
            self.say(f"not recorded: the body is too large, too slow or compressed ({type(error).__name__})")
            return PlainTextResponse("not recorded", 413)
        self.seen += 1
        if self.seen == self.count:
            self.enough.set()
        name = f"recorded {self.seen}"
        # Names only: a header may hold the very key that proves the sender.
        headers = ", ".join(sorted(name for name in request.headers if name not in _USUAL)) or "none beside the usual"
        self.say(f"{name}: {request.method} {request.url.path}, {len(body)} bytes; headers: {headers}")
        try:
            self.samples.append(sample_of(body or request.url.query.encode(), name))
        except UnreadableSample as error:
            self.say(f"  not recorded: {error}")
        answer = self.channel.recipe.receive.answer if self.channel else None
        return Response(answer.body if answer else "", media_type=answer.media_type if answer else "text/plain")


def append_examples(path: Path, channel: Channel, samples: list[Sample], invented: Invented) -> int:
    """Write samples as examples at the end of a recipe, expecting what comes of them now; returns how many.

    Raises:
        NoPlaceForExamples: `examples:` is not the last key of the file.
    """
    text = path.read_text(encoding="utf-8")
    tops = [line for line in text.splitlines() if line[:1].isalpha()]
    if channel.recipe.examples and (not tops or not tops[-1].startswith("examples:")):
        raise NoPlaceForExamples(f"{path}: move `examples:` to the end of the file, so that more can be added")
    there = {example.name for example in channel.recipe.examples}
    number, added = 0, []
    for sample in samples:
        number = next(n for n in range(number + 1, number + len(there) + 2) if f"recorded {n}" not in there)
        named = Sample(sample.document, sample.kind, f"recorded {number}", sample.text)
        added.append(example_text(channel, named, invented))
    before = text.rstrip("\n") + "\n" + ("" if channel.recipe.examples else "\nexamples:\n")
    for shape in (added, [textwrap.dedent(each) for each in added]):  # lists may be indented or not
        whole = before + "\n".join(shape)
        with contextlib.suppress(DocumentError):  # then the other shape is tried; neither is told below
            parse_text(whole, path.name).build(Recipe)
            path.write_text(whole, encoding="utf-8")
            return len(added)
    raise NoPlaceForExamples(f"{path}: its `examples:` are written in a way that cannot be added to; indent them by 2")
