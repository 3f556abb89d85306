"""SendGrid, "Securing your Inbound Parse Webhooks": ECDSA with SHA-256 over the time and the raw body.

The secret is no secret but SendGrid's public key, in base64 as its interface gives it; two during a change, as ever.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from recipes.proofs.signed import Signed
from recipes.signature_model import Signature

_HEADER = "x-twilio-email-event-webhook-"
_ARMOUR = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")


def sendgrid(signature: Signature, secret: str, request: Signed) -> bool:
    """Whether the headers hold SendGrid's signature, made with the key that belongs to this one."""
    found = request.headers.get(f"{_HEADER}signature", "")
    timestamp = request.headers.get(f"{_HEADER}timestamp", "")
    key = _key(secret)
    if key is None or not request.is_recent(timestamp, signature.window):
        return False
    try:
        key.verify(base64.b64decode(found, validate=True), timestamp.encode() + request.body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _key(secret: str) -> ec.EllipticCurvePublicKey | None:
    """None when it is no such key, so that nothing is let in by mistake."""
    for mark in _ARMOUR:
        secret = secret.replace(mark, "")
    try:
        key = load_der_public_key(base64.b64decode("".join(secret.split()), validate=True))
    except (binascii.Error, ValueError):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None
