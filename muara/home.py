"""A home: the folder that holds one deployment's configuration, recipes, key and data."""

import os
from dataclasses import dataclass
from pathlib import Path

import connectors
import dispatcher
from runtime.sealing.keyfile import ENVIRONMENT, load_sealer
from runtime.sealing.protocol import SealingError
from runtime.sealing.sealer import Sealer

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
        """Folders of channel recipes: those that come with Muara, and the agency's own."""
        own = self.folder / "channels"
        return [_CHANNELS, own] if own.is_dir() else [_CHANNELS]

    @property
    def hubs(self) -> list[Path]:
        """Folders of hub profiles."""
        own = self.folder / "hubs"
        return [_HUBS, own] if own.is_dir() else [_HUBS]

    def sealer(self) -> Sealer:
        """The sealer of this home's key, the same as ever.

        Raises:
            SealingError: no key, or another than the data was sealed with.
        """
        sealer = load_sealer(self.key, os.environ.get(ENVIRONMENT))
        mark = self.data / "key.id"
        try:
            known = mark.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            self.data.mkdir(parents=True, exist_ok=True)
            mark.write_text(f"{sealer.key_id}\n", encoding="ascii")
            return sealer
        if known != sealer.key_id:
            raise SealingError(
                f"the master key in use is {sealer.key_id}, but the data in {self.data} was sealed with {known}:"
                f" restore {self.key} from its backup (or unset {ENVIRONMENT})"
            )
        return sealer
