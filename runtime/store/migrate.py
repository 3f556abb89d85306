"""Brings one service's tables to the version of the code. Each service has its own chain of revisions."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from runtime.store.engine import Store

_ENVIRONMENT = Path(__file__).parent / "alembic"


async def migrate(store: Store, service: str, versions: Path) -> None:
    """Run the revisions in the folder `versions` that this database has not seen, in one transaction."""
    async with store.writing() as connection:
        await connection.run_sync(_upgrade, service, versions)


async def versions_of(store: Store, service: str, versions: Path) -> tuple[str | None, str | None]:
    """The revision that the database has, and the one that the code expects."""
    async with store.reading() as connection:
        current = await connection.run_sync(
            lambda sync: MigrationContext.configure(
                sync, opts={"version_table": version_table(service)}
            ).get_current_revision()
        )
    return current, ScriptDirectory.from_config(_config(service, versions)).get_current_head()


def version_table(service: str) -> str:
    """Where a service's revision is kept."""
    return f"{service}_version"


def _upgrade(connection: Connection, service: str, versions: Path) -> None:
    config = _config(service, versions)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config(service: str, versions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(versions))
    config.attributes["version_table"] = version_table(service)
    return config
