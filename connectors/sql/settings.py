"""What a source says about the table that it polls."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors.source import MissingSecret, Source
from runtime.postgres import address

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")
DATABASE = "database"
"""Name of the secret that holds the address of the database, with its password."""


class BadTableSettings(ValueError):
    """The settings of a source do not describe a table; says which and what is wrong."""


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f'"{value}" is no name of a table or column (letters, digits and _, at most 63)')
    return value


def _dotted(value: str) -> str:
    parts = value.split(".")
    if len(parts) > 2:
        raise ValueError(f'"{value}" has too many dots: write table or schema.table')
    for part in parts:
        _name(part)
    return value


Name = Annotated[str, AfterValidator(_name)]


class TableSettings(BaseModel):
    """Unknown keys are left alone: the settings of a source are also what its recipe reads by `setting:`."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    table: Annotated[str, AfterValidator(_dotted)]
    """Table or view, or `schema.table`."""
    key: Name
    """The column that identifies a row."""
    mark: Name | None = None
    """The column that grows: a running number or a time of writing; the key unless it is named."""
    columns: tuple[Name, ...] = ()
    """The columns to read; all of them unless they are named."""
    overlap_seconds: int = Field(default=900, ge=0)
    """How far behind a mark of time each round looks again: rows that commit late have an early time."""
    overlap_numbers: int = Field(default=1000, ge=0)
    """How far behind a running number each round looks again: numbers are given out before the row commits."""
    interval: float = Field(default=10.0, gt=0)
    """Seconds between two rounds."""
    sweep_every: float = Field(default=3600.0, gt=0)
    """Seconds between two comparisons of all keys, which find what came later than any overlap."""
    batch: int = Field(default=500, ge=1, le=500)
    """Rows that become durable together."""
    start: Literal["all", "now"] = "all"
    """`now`: rows that are there when the source is first polled are passed over."""
    historical: bool = False
    """Everything that it gives is from the past: nothing is sent, answered or timed."""
    timeout: float = Field(default=30.0, gt=0)
    """Seconds that the database may take for one question."""


def table_settings(source: Source) -> TableSettings:
    """The settings of a source, checked.

    Raises:
        BadTableSettings: see there.
    """
    try:
        return TableSettings.model_validate(source.options)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadTableSettings(f'source "{source.id}": {problems}') from error


def database_url(source: Source) -> URL:
    """The address of the agency's database: the secret `database`, or for one without password the setting.

    Raises:
        BadTableSettings: there is none, or it is of a kind that is not read.
    """
    options: dict[str, Any] = source.options
    try:
        address = source.live_secrets(DATABASE)[0] if DATABASE in source.secrets else str(options[DATABASE])
        url = make_url(address)
    except (MissingSecret, KeyError) as error:
        raise BadTableSettings(
            f'source "{source.id}" does not say where its database is: give it the secret or the setting "{DATABASE}",'
            " such as sqlite:////srv/opd/data.db"
        ) from error
    except ArgumentError as error:
        # The error quotes the address, which may hold a password.
        raise BadTableSettings(
            f'source "{source.id}": "{DATABASE}" is no address of a database, such as sqlite:////srv/opd/data.db'
        ) from error.with_traceback(None)
    return _for_driver(source, url)


def _for_driver(source: Source, url: URL) -> URL:
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return address(url)
    if backend in ("mysql", "mariadb"):
        return url.set(drivername="mysql+aiomysql")
    if backend != "sqlite":
        raise BadTableSettings(
            f'source "{source.id}": databases of the kind {backend} are not read, only sqlite, postgresql, mysql and'
            " mariadb; export to a file and import that"
        )
    if not url.database or url.database == ":memory:":
        raise BadTableSettings(f'source "{source.id}": "{DATABASE}" names no file')
    # Opened read-only by the library itself: no mistake of ours can change the agency's data, or make an empty file.
    return URL.create("sqlite+aiosqlite", database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
