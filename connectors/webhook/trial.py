"""A request by which an operator tries an address and its secret: proved like any other, ignored by its very bytes."""

import json

from connectors.source import Source


def trial_body(source: Source) -> bytes:
    """What `muara sources test` posts. The door answers it as if it were accepted, and keeps nothing."""
    return json.dumps({"muara_test": source.id}).encode()
