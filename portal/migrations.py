"""Where the revisions of the portal's tables are, for `runtime.store.migrate`."""

from pathlib import Path

SERVICE = "portal"
VERSIONS = Path(__file__).parent / "versions"
