"""`muara.yaml`: the one file that an operator writes. Secrets stand in the environment; it names the variables."""

import os
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.settings import ConnectorSettings
from muara.home import FILE
from portal.keys import KeyEntry
from recipes.document import load_document
from runtime.delivery.resting import Rest
from schemas.base import Slug

BUS, STORE = "MUARA_BUS", "MUARA_STORE"
"""Environment variables that outrank `bus` and `store`."""


def _is_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f'there is no time zone "{name}"; write Asia/Jakarta, Asia/Makassar or Asia/Jayapura')
    return name


def _is_region(code: str) -> str:
    from normalizer.understanding.places_index import EDITION, is_known  # noqa: PLC0415 it brings the whole register

    if not all(part.isdigit() for part in code.split(".")):
        raise ValueError('a region is a Kemendagri code with dots, such as "36.73"; put it in quotes')
    if not is_known(code):
        raise ValueError(f'there is no region "{code}" in {EDITION}: look the code up in that edition')
    return code


def _is_rest(words: str) -> str:
    Rest.parse(words, "UTC")
    return words


Zone = Annotated[str, AfterValidator(_is_zone)]
Region = Annotated[str, AfterValidator(_is_region)]
Hours = Annotated[str, AfterValidator(_is_rest)]
SecretNames = str | list[str]
"""The environment variable that holds a secret; two of them while it is being rotated."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class SourceConfig(_Part):
    """One configured connection of a channel."""

    channel: Slug
    """The channel's recipe."""
    agency: Slug | None = None
    """The OPD whose source it is; the file's `agency` by default."""
    zone: Zone | None = None
    """IANA time zone of its local times; the file's `zone` by default."""
    home_region: Region | None = None
    """Where its people live: the prior for place names; the file's `home_region` by default."""
    path: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]+$")
    """Last part of its webhook address, `/in/<path>`; the source's name by default."""
    secrets: dict[str, SecretNames] = Field(default_factory=dict)
    """What the recipe calls a secret → the environment variable that holds it."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """What the channel's transport needs to know: a folder, a mail address, a database."""
    silence_after: float | None = Field(default=8.0, gt=0)
    """Usual gaps without a message, by the hours at which messages usually come, after which the source is reported as
    silent; null: never."""


WorkingDayCount = Annotated[int, Field(ge=0, le=1000)]


class HubDeadlines(_Part):
    """The clock of a hub, in working days. What is left out of the first four stands as the file's `deadlines:` say."""

    forward: WorkingDayCount | None = None
    """Until it is verified and forwarded."""
    follow_up: WorkingDayCount | None = None
    """Until the agency follows up, each time that it is its turn."""
    resolve_information: WorkingDayCount | None = None
    """Until a request for information is resolved, from the hub's receipt on."""
    resolve: WorkingDayCount | None = None
    """Until anything else is."""
    resolve_field_check: WorkingDayCount = 60
    """Until what is of a category under `field_check` is."""
    field_check: list[Slug] = Field(default_factory=list)
    """Categories in which somebody has to look at the place."""
    close: WorkingDayCount = 10
    """Until it is closed, after an answer of the agency without a reply."""
    approaching: WorkingDayCount = 1
    """So many working days before its end a deadline is near."""
    days_off: list[date] = Field(default_factory=list)
    """Days on which nobody works, beside weekends and public holidays."""
    joint_leave: bool = False
    """Nobody works on days of *cuti bersama* either, as far as they are known."""
    zone: Zone | None = None
    """IANA zone in which days begin and end; the file's by default."""


class HubConfig(_Part):
    """A hub to which complaints are sent."""

    profile: Slug
    """The hub's profile."""
    url: str = Field(pattern=r"^https?://")
    """Where the hub is."""
    secrets: dict[str, SecretNames] = Field(default_factory=dict)
    """What the profile calls a secret → the environment variable that holds it."""
    mode: Literal["shadow", "approve", "send"] = "shadow"
    """`shadow`: prepare everything, send nothing; `approve`: send what an operator approves; `send`: send."""
    agencies: list[Slug] = Field(default_factory=list)
    """Only complaints of these agencies; empty: of all."""
    categories: list[Slug] = Field(default_factory=list)
    """Only complaints of these categories, such as `lampu_jalan`; empty: of all, and without any."""
    regions: list[Region] = Field(default_factory=list)
    """Only complaints about places within these regions; empty: about all, and about unknown ones."""
    rahasia: Literal["also", "only", "never"] = "also"
    """Whether secret complaints go there. Nobody but a hub gets to see them."""
    rests: list[Hours] = Field(default_factory=list)
    """When it is not spoken to, by the clock of the file's `zone`: `"23:00-01:00"`."""
    urgent: list[Slug] = Field(default_factory=list)
    """Categories whose complaints go before all others, such as `kebencanaan`; the rest goes in turns, one for each
    agency."""
    poll_every: float = Field(default=30, ge=0)
    """Seconds between two questions for the hub's news; 0: it is not asked, since it tells by itself."""
    reconcile_every: float = Field(default=24, ge=0)
    """Hours between two comparisons with what the hub itself lists, where its profile has a listing; 0: never."""
    deadlines: HubDeadlines | None = HubDeadlines()
    """Limits of its steps; null: nothing is timed. A hub of which no news are heard is not timed."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """What the profile calls `setting:`."""


class GatherConfig(_Part):
    """How the pieces of one conversation become one complaint. Seconds."""

    quiet: float = Field(default=90, ge=0)
    """A sender's messages with no longer pause between them belong together, by the sender's clock."""
    longest: float = Field(default=300, ge=0)
    """From the first message of a complaint to the last."""
    wait: float = Field(default=90, ge=0)
    """How long a complaint is held for the next message before it is settled; 0 settles at once."""


class DeadlineConfig(_Part):
    """SP4N's clock, in working days."""

    forward: int = Field(default=3, ge=0)
    follow_up: int = Field(default=5, ge=0)
    resolve_information: int = Field(default=5, ge=0)
    resolve: int = Field(default=14, ge=0)


class HttpConfig(_Part):
    """Where the webhooks, the feed, health and metrics are served."""

    host: str = "127.0.0.1"
    port: int = Field(default=8400, ge=0, le=65535)


class LogConfig(_Part):
    """What the process says of itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool | None = None
    """True: JSON, one line each; false: for people; by default JSON when nobody watches a terminal."""


class Config(_Part):
    """The whole file."""

    agency: Slug
    """The OPD that runs this Muara; part of every message's identity, so it never changes."""
    zone: Zone = "Asia/Jakarta"
    """IANA time zone of times that come without one."""
    home_region: Region | None = None
    """Kemendagri code of the region that is served, such as `"36.73"`: the prior for place names."""
    bus: str | None = Field(default=None, pattern=r"^kafka(\+tls)?://")
    """The log: `kafka://host:9092`; an SQLite file of this home by default. `MUARA_BUS` outranks it."""
    store: str | None = Field(default=None, pattern=r"^postgresql\+asyncpg://")
    """The tables: `postgresql+asyncpg://user@host/database`; an SQLite file of this home by default. `MUARA_STORE`
    outranks it; the password stands in `PGPASSWORD`."""
    objects: str | None = Field(default=None, pattern=r"^s3://[a-z0-9]")
    """Attachments and large payloads: `s3://BUCKET/PREFIX?endpoint=https://host:9000`; a folder of this home by
    default. The credentials stand in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`."""
    partitions: int = Field(default=1, ge=1, le=256)
    """Parts of each topic; fixed when the log is made. At most so many instances of a service share the work."""
    connectors: ConnectorSettings = ConnectorSettings()
    """Limits, addresses and ports of the transports."""
    sources: dict[Slug, SourceConfig] = Field(default_factory=dict)
    """Where complaints come from: name → connection. The name is part of identities, so it never changes."""
    hubs: dict[Slug, HubConfig] = Field(default_factory=dict)
    """Where complaints go."""
    gather: GatherConfig = GatherConfig()
    deadlines: DeadlineConfig = DeadlineConfig()
    http: HttpConfig = HttpConfig()
    keys: list[KeyEntry] = Field(default_factory=list)
    """Who may read the feed: written by `muara keys new`."""
    log: LogConfig = LogConfig()


def load_config(home: Path) -> Config:
    """The configuration of a home.

    Raises:
        DocumentError: the file is missing or wrong; says where and what to do.
    """
    return load_document(home / FILE, Config)


def resolve_secrets(
    names: Mapping[str, SecretNames], environment: Mapping[str, str] = os.environ
) -> dict[str, tuple[str, ...]]:
    """The values of named secrets. One that is not set is left out; whoever needs it says so."""
    found = {}
    for name, variables in names.items():
        listed = [variables] if isinstance(variables, str) else variables
        values = tuple(environment[variable] for variable in listed if environment.get(variable))
        if values:
            found[name] = values
    return found


def missing_variables(
    config: Config,
    services: Collection[str] = ("connectors", "dispatcher"),
    environment: Mapping[str, str] = os.environ,
) -> list[str]:
    """Environment variables that the file names and the environment lacks, with who needs them."""
    wanted = [("source", name, each.secrets) for name, each in config.sources.items() if "connectors" in services]
    wanted += [("hub", name, each.secrets) for name, each in config.hubs.items() if "dispatcher" in services]
    return [
        f'{kind} "{name}": the environment variable {variable} (secret "{secret}") is not set'
        for kind, name, secrets in wanted
        for secret, variables in secrets.items()
        for variable in ([variables] if isinstance(variables, str) else variables)
        if not environment.get(variable)
    ]
