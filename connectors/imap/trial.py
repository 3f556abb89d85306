"""A look at a mailbox that changes nothing: whether the login works, and whether the folders are there."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from connectors.imap.access import Access, NoAccess
from connectors.imap.connection import Connection, missing
from connectors.imap.failures import MailboxUnavailable, Refused
from connectors.imap.settings import mailbox_settings
from connectors.source import MissingSecret, Source

_SHORT = 15.0
"""Seconds that the server may be silent; whoever asks is waiting."""


async def try_mailbox(source: Source, clock: Callable[[], datetime]) -> list[tuple[bool, str]]:
    """What was found, in words, and whether it is as it should be.

    Raises:
        BadMailboxSettings: the source does not describe a mailbox.
    """
    settings = mailbox_settings(source)
    settings = settings.model_copy(update={"timeout": min(settings.timeout, _SHORT)})
    connection, access = Connection(settings), Access(source, settings, clock)
    try:
        await access.let_in(lambda secret: asyncio.to_thread(connection.open, secret))
        return await asyncio.to_thread(_look, connection, (*settings.folders, *filter(None, [settings.target])))
    except (MailboxUnavailable, NoAccess, MissingSecret, Refused) as error:
        return [(False, str(error))]
    finally:
        await access.close()
        await asyncio.to_thread(connection.close)


def _look(connection: Connection, wanted: tuple[str, ...]) -> list[tuple[bool, str]]:
    names = connection.folders()
    found = []
    for folder in wanted:
        if folder in names or folder.upper() == "INBOX":
            opened = connection.select(folder, changing=False)
            found.append((True, f'the folder "{folder}" is there, with {opened.exists} mails'))
        else:
            found.append((False, missing(folder, names)))
    how = "tells of new mail by itself (IDLE)" if connection.can_idle else "has to be asked for new mail"
    return [(True, f"{connection.server} lets us in, and {how}"), *found]
