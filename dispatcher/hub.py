"""One configured hub: a profile, an address, secrets, and how far it is trusted."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from dispatcher.deadlines import DeadlineRules
from recipes.hubs.profile import Profile
from recipes.paths import Context
from runtime.delivery.circuit import CircuitPolicy
from runtime.delivery.resting import Rest
from runtime.delivery.trying import TryPolicy
from runtime.delivery.worker import WorkerPolicy
from schemas.complaint import Complaint

Mode = Literal["shadow", "approve", "send"]
"""`shadow`: everything is rendered, nothing is sent. `approve`: a person lets each go. `send`: it goes."""

PROFILES = Path(__file__).parent / "hubs"
"""The profiles that ship."""


class BadHub(ValueError):
    """A hub that cannot be used as it is configured; says what to do."""


@dataclass(frozen=True, slots=True)
class Route:
    """Which complaints a hub is there for: those that fit everything that is named. Nothing named: all of them."""

    agencies: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    """Keys of the table of categories."""
    regions: frozenset[str] = frozenset()
    """Kemendagri codes, each with all that lies within it."""
    rahasia: Literal["also", "only", "never"] = "also"
    """What becomes of complaints that are secret. Their place is not known to whoever decides this."""


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
    route: Route = field(default_factory=Route)
    urgent: frozenset[str] = frozenset()
    """Keys of categories whose complaints go before all others."""
    push_secrets: tuple[str, ...] = field(default=(), repr=False)
    """What proves that a request with changes comes from the hub: any of them; none: nothing is taken from it."""
    poll_every: float = 5.0
    """Seconds between two questions for news; 0: it is not asked, and tells by itself."""
    reconcile_every: float = 0.0
    """Hours between two comparisons with the hub's own listing; 0: never."""
    deadlines: DeadlineRules | None = None
    """Limits of its steps in working days; None: nothing is timed."""
    rests: tuple[Rest, ...] = ()
    """When it is not to be spoken to."""
    circuit: CircuitPolicy = field(default_factory=CircuitPolicy)
    tries: TryPolicy | None = None
    """How long to go on; None: as the profile says."""

    @property
    def pushes(self) -> bool:
        """Whether it may tell its changes by itself."""
        return self.profile.pushes is not None and bool(self.push_secrets)

    @property
    def polled(self) -> bool:
        """Whether it is asked for its news."""
        return self.profile.polled and self.poll_every > 0

    def check(self, name: str) -> None:
        """Whether it can be used.

        Raises:
            BadHub: it cannot; says what is missing.
        """
        if not self.base_url.startswith(("http://", "https://")):
            raise BadHub(f"hub {name}: base_url begins with https:// (or http:// on a test machine)")
        for secret in self.profile.model.secrets:
            if not self.secrets.get(secret):
                raise BadHub(f'hub {name}: the profile "{self.profile.name}" needs the secret "{secret}"')
        try:
            self.certificates()
        except BadHub as error:
            raise BadHub(f"hub {name}: {error}") from None

    def certificates(self) -> ssl.SSLContext | None:
        """Our certificate and the authorities that we trust; None where the profile names none.

        Raises:
            BadHub: a file is missing or cannot be used; says which, and what to do.
        """
        tls = self.profile.model.tls
        if tls is None:
            return None
        if not self.base_url.startswith("https://"):
            raise BadHub("its profile has a certificate (`tls:`), so base_url begins with https://")
        certificate = self._file(tls.certificate)
        if certificate is None:
            raise BadHub(f'its profile needs the setting "{tls.certificate}", the path of a PEM file')
        password = self.secrets.get(tls.password) if tls.password else None
        try:
            context = ssl.create_default_context(cafile=self._file(tls.authority))
            # Without a password for a key that has one, OpenSSL would ask at the terminal.
            context.load_cert_chain(certificate, self._file(tls.key), lambda: password or "")
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or str(error)
            raise BadHub(f"its certificate {certificate} or the key to it cannot be used: {words}") from None
        return context

    def _file(self, setting: str) -> str | None:
        path = self.settings.get(setting)
        if path is None:
            return None
        if not isinstance(path, str) or not Path(path).is_absolute():
            raise BadHub(f'the setting "{setting}" is the absolute path of a PEM file')
        if not Path(path).is_file():
            raise BadHub(f"there is no file {path} (setting {setting})")
        return path

    def hurries(self, complaint: Complaint) -> bool:
        """Whether a complaint goes before others."""
        return complaint.category is not None and complaint.category.key in self.urgent

    @property
    def context(self) -> Context:
        """What the profile's expressions may know."""
        return Context(settings=self.settings)

    @property
    def worker_policy(self) -> WorkerPolicy:
        """How it is served."""
        model = self.profile.model
        limits = model.limits
        # A look-up and a try, each with its quick retries; with tokens, each once more, and a request for each token.
        requests = 7 if model.auth.renewable else 2
        waiting = limits.concurrency * requests / limits.rate if limits.rate else 0.0
        return WorkerPolicy(
            concurrency=limits.concurrency,
            rate=limits.rate,
            lease=timedelta(seconds=requests * 2 * limits.timeout + waiting + 20),
            tries=self.tries or TryPolicy(limits.attempts),
            circuit=self.circuit,
            rests=self.rests,
        )
