"""Where the dispatcher's revisions are."""

from pathlib import Path

SERVICE = "dispatcher"
VERSIONS = Path(__file__).parent / "versions"
