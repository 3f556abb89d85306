"""One configured hub: a profile, an address, secrets, and how far it is trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from recipes.hubs.profile import Profile
from recipes.paths import Context
from runtime.delivery.circuit import CircuitPolicy
from runtime.delivery.trying import TryPolicy
from runtime.delivery.worker import WorkerPolicy

Mode = Literal["shadow", "approve", "send"]
"""`shadow`: everything is rendered, nothing is sent. `approve`: a person lets each go. `send`: it goes."""

PROFILES = Path(__file__).parent / "hubs"
"""The profiles that ship."""


class BadHub(ValueError):
    """A hub that cannot be used as it is configured; says what to do."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub. Nobody starts in `send`."""

    profile: Profile
    base_url: str
    """Where it listens; the profile's paths are below it."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name (as the profile calls it) → value."""
    mode: Mode = "shadow"
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the profile reads by `setting:`, such as `contact_email`."""
    agencies: frozenset[str] | None = None
    """Only complaints of these agencies; None: of all."""
    poll_every: float = 5.0
    """Seconds between two questions for news."""
    circuit: CircuitPolicy = field(default_factory=CircuitPolicy)
    tries: TryPolicy | None = None
    """How long to go on; None: as the profile says."""

    def check(self, name: str) -> None:
        """Whether it can be used.

        Raises:
            BadHub: it cannot; says what is missing.
        """
        if not self.base_url.startswith(("http://", "https://")):
            raise BadHub(f"hub {name}: base_url begins with https:// (or http:// on a test machine)")
        secret = self.profile.model.auth.secret
        if secret is not None and not self.secrets.get(secret):
            raise BadHub(f'hub {name}: the profile "{self.profile.name}" needs the secret "{secret}"')

    @property
    def context(self) -> Context:
        """What the profile's expressions may know."""
        return Context(settings=self.settings)

    @property
    def worker_policy(self) -> WorkerPolicy:
        """How it is served."""
        limits = self.profile.model.limits
        return WorkerPolicy(
            concurrency=limits.concurrency,
            # A look-up and a try, each with its quick retries.
            lease=timedelta(seconds=4 * limits.timeout + 20),
            tries=self.tries or TryPolicy(limits.attempts),
            circuit=self.circuit,
        )
