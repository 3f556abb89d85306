"""How faults are told in logs and dead letters: what kind and where, never the words that caused them."""

import traceback


def where(error: BaseException) -> str:
    """What kind of error came from which line: enough to mend the code. A message may quote what a citizen wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{at}"
