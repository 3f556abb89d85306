"""What a recipe may say under `receive.poll:`: how the API of an agency's system is asked for its complaints."""

from typing import Literal

from pydantic import Field, model_validator

from recipes.durations import Duration, span
from recipes.hubs.auth_model import Auth, Gateway
from recipes.hubs.part import Part
from recipes.hubs.request_model import RequestSpec
from recipes.parts import Expression, Slug
from recipes.written_times import WrittenForm, ZoneName


class Pages(Part):
    """How a list goes on. Every question reads `page`, `offset`, `size`, `cursor`, and puts them where they belong."""

    by: Literal["number", "offset", "cursor", "link", "next"]
    """`number` counts pages, `offset` items; `cursor` hands back what an answer gave; `link` follows the header `Link`
    with `rel="next"` (RFC 8288), `next` an address in the body: of the same host only."""
    first: int = Field(default=1, ge=0)
    """`number`: that of the first page."""
    size: int | None = Field(default=None, ge=1)
    """Items of a full page as the server really gives it; one with fewer is the last. Without this, an empty one is."""
    cursor: Expression | None = None
    """`cursor`: where it stands, over `body` and `headers` of the answer; without one, the page was the last."""
    next: Expression | None = None
    """`next`: where the next page's address stands, over `body` and `headers` of the answer."""
    more: Expression | None = None
    """Whether there is another page, over `body` and `headers`, where the server says so."""

    @model_validator(mode="after")
    def _is_complete(self) -> "Pages":
        for key in ("cursor", "next"):
            if (getattr(self, key) is not None) != (self.by == key):
                raise ValueError(f'`{key}:` belongs to pages by "{key}", which need it')
        return self


class Since(Part):
    """How only what is new is asked for: questions read `since` (and `until`), and put it where it belongs."""

    mark: Expression
    """When an item was last changed, or its running number, over the message as it is kept."""
    by: Literal["time", "number"] = "time"
    format: WrittenForm = "ISO"
    """How times are written in the question: `ISO` in UTC, `unix`, `unix_ms`, or such as `YYYY-MM-DD HH:mm:ss`."""
    zone: ZoneName | None = None
    """Zone of a written time that names none; the source's by default."""
    overlap: Duration = "10m"
    """How far behind the furthest mark each round looks again: what commits late has an early time."""
    overlap_numbers: int = Field(default=100, ge=0)
    """The same where marks are numbers."""
    start: Duration | None = None
    """How far back the first round begins; without it, `since` is left out at first. The source may say otherwise."""
    window: Duration | None = None
    """The longest span of one question, for servers that allow no longer one; `until` is its end."""
    at_most: int | None = Field(default=None, ge=1)
    """An answer with so many items was cut off by the server, so a shorter span is asked for."""
    look_back: Duration | None = None
    """How far behind the mark the server is asked now and then, to find what came later than any overlap."""
    look_back_every: Duration = "1d"

    @model_validator(mode="after")
    def _fits(self) -> "Since":
        times = ("format", "zone", "overlap", "start", "window", "at_most", "look_back", "look_back_every")
        if self.by == "number" and (strange := sorted(self.model_fields_set & set(times))):
            raise ValueError(f'`{strange[0]}:` belongs to marks by "time"')
        if self.by == "time" and "overlap_numbers" in self.model_fields_set:
            raise ValueError('`overlap_numbers:` belongs to marks by "number"; write `overlap:`')
        if self.window is not None and span(self.window) < 4 * span(self.overlap):
            raise ValueError("`window:` must be at least four times as long as `overlap:`, or no round comes to an end")
        if self.window is not None and self.start is None:
            raise ValueError("`window:` needs `start:`, how far back the first one begins")
        if self.at_most is not None and self.window is None:
            raise ValueError("`at_most:` needs `window:`, which it shortens")
        return self


class Detail(RequestSpec):
    """One more question for each item, where the list does not give it whole. It reads the message as it is kept."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    as_: Slug = Field(default="detail", alias="as")
    """The name under which its answer is kept with the message."""


class Poll(RequestSpec):
    """The question for the list, below the `url` of the source. It reads `since`, `until`, `page`, `offset`, `size`,
    `cursor`, and settings of the source by `setting:`.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    auth: Auth = Auth()
    """How we prove who we are; its secrets are those of the source."""
    gateway: Gateway | None = None
    """The key of a gateway before the API, such as the government's SPLP, beside `auth`."""
    anonymous: bool = False
    """Whether the server may be asked without `auth` where a source has no secret for it."""
    pages: Pages | None = None
    """Without it, one answer holds all."""
    since: Since | None = None
    """Without it, each round reads all."""
    none_when: Expression | None = None
    """An answer for which this holds has no items, over `body`; any other without a list is an error."""
    none_status: int | None = Field(default=None, ge=400, le=499)
    """The refusal by which the server says that there is nothing, such as 404."""
    detail: Detail | None = None

    @model_validator(mode="after")
    def _only_reads(self) -> "Poll":
        for method in (self.method, self.detail.method if self.detail else "GET"):
            if method not in ("GET", "POST"):
                raise ValueError(f"a poll only reads, so its method is GET, or POST for a search; not {method}")
            if method == "GET" and (self.auth.place or self.auth.kind) in ("field", "attribute", "element"):
                raise ValueError("a GET has no body that a credential could stand in: use a header or `query`")
        return self

    @property
    def secrets(self) -> list[str]:
        """Names of the secrets without which nothing is asked."""
        gateway = [self.gateway.secret] if self.gateway else []
        return gateway if self.anonymous else [*self.auth.secrets, *gateway]
