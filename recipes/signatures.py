"""Proofs that a request comes from a provider or a hub, checked over the raw bytes before anything is mapped.

Each strategy knows one scheme of the recipes. All compare in constant time and accept either of two live secrets, so
that a secret can be rotated without a gap.
"""

from collections.abc import Callable, Mapping, Sequence

from recipes.proofs.mailgun import mailgun
from recipes.proofs.sendgrid import sendgrid
from recipes.proofs.signed import Signed, same
from recipes.proofs.simple import basic, hmac_, token
from recipes.proofs.standard_webhooks import standard_webhooks
from recipes.proofs.twilio import twilio
from recipes.proofs.vonage import vonage
from recipes.signature_model import Signature

__all__ = ["Signed", "same", "verify"]

_SCHEMES: Mapping[str, Callable[[Signature, str, Signed], bool]] = {
    "token": token,
    "basic": basic,
    "hmac": hmac_,
    "twilio": twilio,
    "vonage": vonage,
    "mailgun": mailgun,
    "sendgrid": sendgrid,
    "standard_webhooks": standard_webhooks,
}


def verify(signature: Signature, live_secrets: Callable[[str], Sequence[str]], request: Signed) -> bool:
    """Whether the request bears a valid proof, by the scheme of a recipe or profile.

    `live_secrets` gives the values of a secret that are valid now; what it raises when there is none goes through: a
    door without its lock stays shut.
    """
    if signature.scheme == "none":
        return True
    plain = signature.resolved()
    check = _SCHEMES[plain.scheme]
    # All live secrets are tried whatever the first says, so that the time tells nothing.
    matches = [check(plain, secret, request) for secret in live_secrets(signature.secret or "")]
    return any(matches)
