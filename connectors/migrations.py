"""Where the revisions of the connectors' tables are, for `runtime.store.migrate`."""

from pathlib import Path

SERVICE = "connectors"
VERSIONS = Path(__file__).parent / "versions"
