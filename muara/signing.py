"""Proofs for a test request of our own, as the provider of a webhook would make them."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from recipes.signature_model import Signature
from recipes.signatures import Signed, verify


class UnknownProof(ValueError):
    """A proof of this scheme can only be made by its provider; says what to do instead."""


def signed_body(signature: Signature, live_secrets: Callable[[str], Sequence[str]], body: bytes) -> bytes:
    """This JSON object, with the proof inside where the scheme puts it there.

    Raises:
        MissingSecret: the source has none.
    """
    if signature.scheme != "mailgun":
        return body
    now, token = str(int(time.time())), secrets.token_hex(25)
    seal = hmac.digest(live_secrets(signature.secret or "")[0].encode(), f"{now}{token}".encode(), "sha256").hex()
    return json.dumps({**json.loads(body), "signature": {"timestamp": now, "token": token, "signature": seal}}).encode()


def signed_headers(
    signature: Signature, live_secrets: Callable[[str], Sequence[str]], body: bytes, url: str
) -> tuple[str, dict[str, str]]:
    """What a request with this JSON body bears: what follows its address (`?…`, or nothing), and its headers.

    `body` is what `signed_body` gave.

    Raises:
        UnknownProof: see the class.
        MissingSecret: the source has none.
    """
    plain = signature.resolved()
    if plain.scheme in {"none", "mailgun"}:
        return "", {}
    secret = live_secrets(plain.secret or "")[0]
    now = str(int(time.time()))
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    if plain.scheme == "token":
        proof = secret
    elif plain.scheme == "basic":
        proof = f"Basic {base64.b64encode(secret.encode()).decode()}"
    elif plain.scheme == "hmac":
        if plain.timestamp is not None:
            headers[plain.timestamp] = now
        proof = _hmac(plain, secret, {"{timestamp}": now.encode(), "{url}": url.encode(), "{body}": body})
    elif plain.scheme == "twilio":
        query = {"bodySHA256": hashlib.sha256(body).hexdigest()}
        signed = f"{url}?{urlencode(query)}".encode()
        proof = base64.b64encode(hmac.digest(secret.encode(), signed, "sha1")).decode()
    elif plain.scheme == "vonage":
        proof = f"Bearer {_jwt(secret, int(now), body)}"
    elif plain.scheme == "standard_webhooks":
        return "", _standard(secret, now, body)
    else:
        raise UnknownProof(
            f"a request with the proof {signature.scheme} can only be made by its provider: use the test in the"
            " provider's own pages, and look with `muara sources list` whether it arrived"
        )
    if plain.query is not None:
        query[plain.query] = plain.prefix + proof
    else:
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


def _jwt(secret: str, now: int, body: bytes) -> str:
    """As Vonage signs: HS256, with the hash of the body among the claims."""
    claims = {"iat": now, "payload_hash": hashlib.sha256(body).hexdigest()}
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    seal = base64.urlsafe_b64encode(hmac.digest(secret.encode(), signed, "sha256")).rstrip(b"=")
    return (signed + b"." + seal).decode()


def _standard(secret: str, now: str, body: bytes) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"muara-test.{now}.".encode() + body, "sha256")
    return {
        "Webhook-Id": "muara-test",
        "Webhook-Timestamp": now,
        "Webhook-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }
