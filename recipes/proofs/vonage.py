"""Vonage: signed webhooks (a JWT), and the older message signatures (`sig` among the parameters)."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping

from recipes.mapped import Value
from recipes.proofs.signed import Signed, any_same, same
from recipes.signature_model import Signature

_BEARER = re.compile(r"bearer\s+([\w-]+)\.([\w-]+)\.([\w-]+)", re.IGNORECASE | re.ASCII)
_RESERVED = str.maketrans("&=", "__")


def vonage(signature: Signature, secret: str, request: Signed) -> bool:
    """Either kind, as the account is set: the JWT where the request bears one, else `sig`."""
    bearer = _BEARER.fullmatch(request.headers.get("authorization", "").strip())
    if bearer is not None:
        return _jwt(bearer, signature, secret, request)
    parameters = {**request.query, **request.fields()}
    return _message_signature(parameters, signature, secret, request)


def _jwt(parts: re.Match[str], signature: Signature, secret: str, request: Signed) -> bool:
    """RFC 7519 with HS256 alone; `payload_hash` covers the body, `iat` and `exp` bound its age."""
    header, claims = _part(parts[1]), _part(parts[2])
    expected = hmac.digest(secret.encode(), f"{parts[1]}.{parts[2]}".encode(), "sha256")
    genuine = same(parts[3], base64.urlsafe_b64encode(expected).decode().rstrip("="))
    covered = not request.body or same(
        str(claims.get("payload_hash", "")).lower(), hashlib.sha256(request.body).hexdigest()
    )
    issued, expires = claims.get("iat"), claims.get("exp")
    recent = isinstance(issued, int) and request.is_recent(str(issued), signature.window)
    alive = expires is None or (isinstance(expires, int) and (request.at is None or request.at <= expires))
    return genuine and covered and header.get("alg") == "HS256" and recent and alive


def _part(text: str) -> Mapping[str, Value]:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


def _message_signature(parameters: Mapping[str, Value], signature: Signature, secret: str, request: Signed) -> bool:
    """Every parameter but `sig`, sorted, as `&name=value`; hashed with the secret behind it (MD5), or its HMAC.

    Which of them an account uses is set at Vonage, and cannot be seen in a request: all are tried.
    """
    found, timestamp = parameters.get("sig"), parameters.get("timestamp")
    if not isinstance(found, str) or not request.is_recent(str(timestamp), signature.window):
        return False
    covered = "".join(
        f"&{name}={str(value).translate(_RESERVED)}" for name, value in sorted(parameters.items()) if name != "sig"
    ).encode("utf-8", "surrogatepass")
    expected = [hmac.digest(secret.encode(), covered, name).hex() for name in ("md5", "sha1", "sha256", "sha512")]
    expected.append(hashlib.md5(covered + secret.encode(), usedforsecurity=False).hexdigest())
    return any_same(found.lower(), expected)
