"""Where the normalizer's revisions are."""

from pathlib import Path

SERVICE = "normalizer"
VERSIONS = Path(__file__).parent / "versions"
