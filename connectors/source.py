"""One configured connection of a channel, as every transport needs it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recipes.channel import Channel
from recipes.inbound import Inbound, Item

_SPLIT_INLINE = 64 * 1024
"""Bytes; splitting a larger body would hold up everybody else, and goes to a thread."""


class MissingSecret(Exception):
    """A source lacks a secret that its recipe asks for. It refuses everything until the secret is configured."""


@dataclass(frozen=True, slots=True)
class Source:
    """A connection of one agency: one WhatsApp number, one mailbox, one table."""

    id: str
    """Slug; part of the identity of all its messages, so it never changes."""
    agency: str
    """Slug of the OPD whose source it is."""
    channel: Channel
    zone: str = "Asia/Jakarta"
    """IANA name of the zone of local times without one."""
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """By name; two values during a rotation, of which either is accepted."""
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The source's own settings; they override those of the recipe."""
    path: str = ""
    """Last part of its webhook address; the id unless the address itself is meant to be secret."""
    silence_after: float | None = 8.0
    """Usual gaps without a message after which it is reported as silent; None: never. See `connectors.habit`."""

    @property
    def route(self) -> str:
        """What stands after `/in/` in its webhook address."""
        return self.path or self.id

    @property
    def options(self) -> dict[str, Any]:
        """Settings of the transport: the recipe's, overridden by the source's."""
        return {**self.channel.recipe.receive.settings, **self.settings}

    async def split(self, inbound: Inbound) -> list[Item]:
        """The messages and receipts of one delivery. Never raises: what cannot be read is an item with a defect."""
        if len(inbound.body) < _SPLIT_INLINE:
            return self.channel.split(inbound, zone=self.zone)
        return await asyncio.to_thread(self.channel.split, inbound, zone=self.zone)

    def live_secrets(self, name: str) -> tuple[str, ...]:
        """The values of a secret that are valid now.

        Raises:
            MissingSecret: none is configured, or only empty ones: nothing can be checked against it.
        """
        values = tuple(value for value in self.secrets.get(name, ()) if value)
        if not values:
            raise MissingSecret(
                f'source "{self.id}" has no secret "{name}", which channel "{self.channel.recipe.channel}" needs:'
                " set it in the environment variable that its configuration names"
            )
        return values
