"""A login at an SMSC that takes nothing: whether the account is let in."""

from connectors.smpp.failures import AlreadyLoggedIn, SmscUnavailable
from connectors.smpp.session import logged_in
from connectors.smpp.settings import PASSWORD, smsc_settings
from connectors.source import MissingSecret, Source

_SHORT = 10.0
"""Seconds that the SMSC may take; whoever asks is waiting."""


async def try_smsc(source: Source) -> list[tuple[bool, str]]:
    """What was found, in words, and whether it is as it should be. What is delivered meanwhile is to be sent again.

    Raises:
        BadSmscSettings: the source does not describe an account.
    """
    settings = smsc_settings(source)
    settings = settings.model_copy(update={"timeout": min(settings.timeout, _SHORT)})
    try:
        session = await logged_in(settings, source.live_secrets(PASSWORD), lambda _: None)
    except AlreadyLoggedIn as error:
        return [(True, str(error))]  # so it is whenever Muara runs
    except (SmscUnavailable, MissingSecret) as error:
        return [(False, str(error))]
    await session.close()
    return [(True, f"{settings.server} lets us in as {settings.bind}")]
