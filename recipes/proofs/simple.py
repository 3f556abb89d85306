"""Proofs that stand for themselves or cover the body: a token, Basic, and HMAC in every spelling."""

import base64
import hmac
import re

from recipes.proofs.signed import Signed, same
from recipes.signature_model import Signature

_PIECE = re.compile(r"\{(body|url|timestamp)\}")


def given(signature: Signature, request: Signed) -> str | None:
    """What stands in the header or parameter, after the prefix; None when it is not there."""
    if signature.query is not None:
        value = request.query.get(signature.query)
    else:
        value = request.headers.get((signature.header or "authorization").lower())
    if value is None or not value.startswith(signature.prefix):
        return None
    return value.removeprefix(signature.prefix)


def token(signature: Signature, secret: str, request: Signed) -> bool:
    """The token itself."""
    found = given(signature, request)
    return found is not None and same(found, secret)


def basic(signature: Signature, secret: str, request: Signed) -> bool:
    """RFC 7617; the secret is `user:password`."""
    scheme, _, credentials = (given(signature, request) or "").partition(" ")
    expected = base64.b64encode(secret.encode()).decode()
    return same(credentials.strip(), expected) and scheme.lower() == "basic"


def hmac_(signature: Signature, secret: str, request: Signed) -> bool:
    """The HMAC of what `signs` says, by default the raw body; where a time is signed, it must be recent."""
    found = given(signature, request)
    if found is None:
        return False
    timestamp = request.headers.get((signature.timestamp or "").lower(), "")
    if signature.timestamp is not None and not request.is_recent(timestamp, signature.window):
        return False
    covered = {"body": request.body, "url": request.url.encode(), "timestamp": timestamp.encode()}
    message = b"".join(
        covered[piece] if index % 2 else piece.encode() for index, piece in enumerate(_PIECE.split(signature.signs))
    )
    digest = hmac.digest(secret.encode(), message, signature.hash)
    if signature.encoding == "hex":
        return same(found.lower(), digest.hex())
    expected = (base64.urlsafe_b64encode if signature.encoding == "base64url" else base64.b64encode)(digest).decode()
    # Many leave the padding out.
    return same(found.rstrip("="), expected.rstrip("="))
