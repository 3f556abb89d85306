"""A home: the folder that holds one deployment's configuration, recipes, key and data."""

import os
from dataclasses import dataclass
from pathlib import Path

import connectors
import dispatcher
from connectors.installed import recipe_folders
from runtime.sealing.keyfile import ENVIRONMENT, load_sealer
from runtime.sealing.protocol import SealingError
from runtime.sealing.sealer import Sealer

FILE = "muara.yaml"
"""The one file of a home that an operator writes."""
_CHANNELS = Path(connectors.__file__).parent / "channels"
_HUBS = Path(dispatcher.__file__).parent / "hubs"


@dataclass(frozen=True, slots=True)
class Home:
    """Where things are in a home."""

    folder: Path

    @property
    def data(self) -> Path:
        """What Muara writes."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The embedded log."""
        return self.data / "log.db"

    @property
    def spool(self) -> Path:
        """What was accepted while Kafka was away."""
        return self.data / "spool.db"

    @property
    def store(self) -> str:
        """The store's URL."""
        return f"sqlite+aiosqlite:///{self.data / 'store.db'}"

    @property
    def objects(self) -> Path:
        """Attachments and large payloads, sealed."""
        return self.data / "objects"

    @property
    def key(self) -> Path:
        """The master key."""
        return self.folder / "master.key"

    @property
    def channels(self) -> list[Path]:
        """Folders of channel recipes: those that come with Muara and with installed transports, and the agency's own.

        Raises:
            BadTransport: another package's transport cannot be loaded.
        """
        brought = [_CHANNELS, *recipe_folders()]
        own = self.folder / "channels"
        return [*brought, own] if own.is_dir() else brought

    @property
    def hubs(self) -> list[Path]:
        """Folders of hub profiles."""
        own = self.folder / "hubs"
        return [_HUBS, own] if own.is_dir() else [_HUBS]

    @property
    def rules(self) -> Path:
        """The agency's own tables of rules: categories, classes, what is no complaint. It need not exist."""
        return self.folder / "rules"

    @property
    def has_data(self) -> bool:
        """Whether a Muara ever began here: both databases, or the marks that they leave behind."""
        return all(
            path.exists() or path.with_name(f"{path.name}.id").exists() for path in (self.log, self.data / "store.db")
        )

    def sealer(self) -> Sealer:
        """The sealer of this home's key, the same as ever.

        Raises:
            SealingError: no key, or another than the data was sealed with.
        """
        sealer = load_sealer(self.key, os.environ.get(ENVIRONMENT))
        known = self._known_key()
        if known not in ("", sealer.key_id):
            raise SealingError(
                f"the master key in use is {sealer.key_id}, but the data in {self.data} was sealed with {known}:"
                f" restore {self.key} from its backup (or unset {ENVIRONMENT})"
            )
        return sealer

    def keep_mark(self, sealer: Sealer) -> None:
        """Before anything is sealed: note which key it is, so that another one is noticed."""
        if self._known_key():
            return
        self.data.mkdir(parents=True, exist_ok=True)
        with self._mark.open("w", encoding="ascii") as file:
            file.write(f"{sealer.key_id}\n")
            file.flush()
            os.fsync(file.fileno())

    @property
    def _mark(self) -> Path:
        return self.data / "key.id"

    def _known_key(self) -> str:
        """The key that the data was sealed with; empty when nothing was, or a crash left the note empty."""
        try:
            return self._mark.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""
