"""Proofs for a test request of our own, as the provider of a webhook would make them."""

import base64
import hmac
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from recipes.signature_model import Signature
from recipes.signatures import Signed, verify


class UnknownProof(ValueError):
    """A proof of this scheme can only be made by its provider; says what to do instead."""


def signed_headers(
    signature: Signature, live_secrets: Callable[[str], Sequence[str]], body: bytes, url: str
) -> tuple[str, dict[str, str]]:
    """What a request with this JSON body bears: what follows its address (`?…`, or nothing), and its headers.

    Raises:
        UnknownProof: see the class.
        MissingSecret: the source has none.
    """
    plain = signature.resolved()
    if plain.scheme == "none":
        return "", {}
    secret = live_secrets(plain.secret or "")[0]
    now = str(int(time.time()))
    headers: dict[str, str] = {}
    if plain.scheme == "token":
        proof = secret
    elif plain.scheme == "basic":
        proof = f"Basic {base64.b64encode(secret.encode()).decode()}"
    elif plain.scheme == "hmac":
        if plain.timestamp is not None:
            headers[plain.timestamp] = now
        proof = _hmac(plain, secret, {"{timestamp}": now.encode(), "{url}": url.encode(), "{body}": body})
    elif plain.scheme == "standard_webhooks":
        return "", _standard(secret, now, body)
    else:
        raise UnknownProof(
            f"a request with the proof {signature.scheme} can only be made by its provider: use the test in the"
            " provider's own pages, and look with `muara sources list` whether it arrived"
        )
    query = {plain.query: plain.prefix + proof} if plain.query is not None else {}
    if not query:
        headers[plain.header or "Authorization"] = plain.prefix + proof
    at = f"?{urlencode(query)}" if query else ""
    lower = {name.lower(): value for name, value in headers.items()}
    if not verify(signature, live_secrets, Signed(body, "application/json", lower, query, url + at)):
        raise UnknownProof(f"the proof {signature.scheme} of this recipe cannot be made here: test from the provider")
    return at, headers


def _hmac(signature: Signature, secret: str, covered: dict[str, bytes]) -> str:
    message = signature.signs.encode()
    for piece in ("{timestamp}", "{url}", "{body}"):  # the body last: what stands in it is no placeholder
        message = message.replace(piece.encode(), covered[piece])
    digest = hmac.digest(secret.encode(), message, signature.hash)
    if signature.encoding == "hex":
        return digest.hex()
    return (base64.urlsafe_b64encode if signature.encoding == "base64url" else base64.b64encode)(digest).decode()


def _standard(secret: str, now: str, body: bytes) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"muara-test.{now}.".encode() + body, "sha256")
    return {
        "Webhook-Id": "muara-test",
        "Webhook-Timestamp": now,
        "Webhook-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }
