"""Where the revisions of the fetch queue's tables are, for `runtime.store.migrate`: a chain of their own."""

from pathlib import Path

SERVICE = "connectors_media"
VERSIONS = Path(__file__).parent / "versions"
