"""Mailgun, "Securing webhooks": HMAC-SHA256 of timestamp and token, which stand in the body beside it.

It proves who sends, not what: so it is worth as much as the connection that it comes over.
"""

import hmac

from recipes.proofs.signed import Signed, same
from recipes.signature_model import Signature


def mailgun(signature: Signature, secret: str, request: Signed) -> bool:
    """The fields `timestamp`, `token` and `signature` of a form, or of the object `signature` in JSON."""
    fields = request.fields()
    nested = fields.get("signature")
    proof = nested if isinstance(nested, dict) else fields
    timestamp, token, found = (str(proof.get(name, "")) for name in ("timestamp", "token", "signature"))
    if not token or not request.is_recent(timestamp, signature.window):
        return False
    expected = hmac.digest(secret.encode(), f"{timestamp}{token}".encode("utf-8", "surrogatepass"), "sha256").hex()
    return same(found.lower(), expected)
