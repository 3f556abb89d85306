"""The versions of the tables: brought up to that of the code, or compared with it."""

from pathlib import Path

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from muara.ground import SERVICES, HomeUnusable, begun
from muara.home import Home
from runtime.store.engine import Store
from runtime.store.migrate import migrate, versions_of


async def bring_up_to_date(store: Store, name: str, home: Home) -> None:
    """Make or change the tables of one service.

    Raises:
        StoreUnavailable: the database does not work now.
        HomeUnusable: they do not fit this code.
    """
    for service in SERVICES:
        if service.SERVICE.partition("_")[0] == name:
            await _migrate(store, service.SERVICE, service.VERSIONS, home)


async def _migrate(store: Store, service: str, versions: Path, home: Home) -> None:
    try:
        await migrate(store, service, versions)
    except (CommandError, DBAPIError) as error:
        raise HomeUnusable(
            f"the tables of the {service} in {home.data} do not fit this version of Muara"
            f" ({str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]}): run the version that"
            " wrote them, or restore the data from a backup"
        ) from error


async def faults_of_versions(store: Store) -> list[str]:
    """Services whose tables are at another revision than the code, in words."""
    faults = []
    for service in SERVICES:
        try:
            current, head = await versions_of(store, service.SERVICE, service.VERSIONS)
        except CommandError:
            faults.append(f"the tables of the {service.SERVICE} claim several revisions at once")
            continue
        if current is None and not await begun(store, service.SERVICE):
            continue
        if current != head:
            is_at = "at no revision" if current is None else f"at revision {current}"
            faults.append(f"the tables of the {service.SERVICE} are {is_at}, the code at {head}")
    return faults
