"""Where the versions of tables are kept: for whoever asks for them without changing any."""


def version_table(service: str) -> str:
    """Where a service's revision is kept."""
    return f"{service}_version"
