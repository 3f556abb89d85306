"""Errors in words that may stand in a log."""

from pathlib import Path
from traceback import extract_tb


def describe(error: BaseException, known: tuple[type[BaseException], ...]) -> str:
    """What an error says if it is one of ours; else its kind and place only, since its words may quote a payload."""
    if isinstance(error, known):
        return str(error)
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"a fault of ours: {type(error).__name__}{place}"
