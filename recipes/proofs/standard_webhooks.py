"""Standard Webhooks 1.0 (standardwebhooks.com), symmetric: HMAC-SHA256 of id, time and body."""

import base64
import binascii
import hmac

from recipes.proofs.signed import Signed, same
from recipes.signature_model import Signature

_PREFIX = "whsec_"


def standard_webhooks(signature: Signature, secret: str, request: Signed) -> bool:
    """Any signature of version 1 in the header; senders give several while they change their key."""
    identity, timestamp, listed = (
        request.headers.get(f"webhook-{part}", request.headers.get(f"svix-{part}", ""))
        for part in ("id", "timestamp", "signature")
    )
    key = _key(secret)
    if not identity or key is None or not request.is_recent(timestamp, signature.window):
        return False
    signed = f"{identity}.{timestamp}.".encode("utf-8", "surrogatepass") + request.body
    expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    given = [each.partition(",") for each in listed.split(" ")[:20]]
    matches = [same(spelt, expected) and version == "v1" for version, _, spelt in given]
    return any(matches)


def _key(secret: str) -> bytes | None:
    """The secret is base64, usually behind `whsec_`; None when it is not, so that nothing is let in by mistake."""
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None
