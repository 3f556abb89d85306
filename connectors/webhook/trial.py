"""A request by which an operator tries an address and its secret: proved like any other, ignored by its very bytes."""

import json

from connectors.source import Source

_LONGEST = 1_000
"""Bytes of such a request, beyond those of the source's name."""


def trial_body(source: Source) -> bytes:
    """What `muara sources test` posts. The door answers it as if it were accepted, and keeps nothing."""
    return json.dumps({"muara_test": source.id}).encode()


def is_trial(source: Source, body: bytes) -> bool:
    """Whether a body is that one, or that one with its proof inside, as Mailgun has it."""
    plain = trial_body(source)
    if body == plain:
        return True
    # What begins like it and goes on is looked into; nothing else costs the time.
    if not body.startswith(plain[:-1] + b",") or len(body) > len(plain) + _LONGEST:
        return False
    try:
        found = json.loads(body)
    except ValueError:
        return False
    return isinstance(found, dict) and found.keys() == {"muara_test", "signature"}
