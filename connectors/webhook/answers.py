"""Every answer of the webhook door in one table, so that counts, logs and words never differ.

Those that other doors give, too, stand in `runtime.refusals`.
"""

from runtime.refusals import Refusal

UNKNOWN_SOURCE = Refusal(
    "unknown_source",
    404,
    "there is no source at this address",
    "compare the address with the `sources` in muara.yaml; `muara check` prints the address of each",
)
METHOD_NOT_ALLOWED = Refusal(
    "method_not_allowed", 405, "this address takes POST", "send the message with POST", {"Allow": "GET, POST"}
)
NO_HANDSHAKE = Refusal(
    "method_not_allowed", 405, "this channel has no handshake", "send the message with POST", {"Allow": "POST"}
)
HANDSHAKE_FAILED = Refusal(
    "handshake_failed",
    403,
    "the verify token does not match",
    "enter the same verify token with the provider and in this source's secrets",
)
BAD_SIGNATURE = Refusal(
    "bad_signature",
    401,
    "the signature or key is missing or wrong",
    "compare the secret with the provider's; where the address is signed, compare `public_url` too",
)
NOT_ALLOWED = Refusal(
    "address_not_allowed",
    403,
    "requests from this address are not taken",
    "compare `allow` of the source with the provider's addresses; behind a proxy name it in `trusted_proxies`",
)
MISCONFIGURED = Refusal(
    "misconfigured",
    503,
    "this source is not configured completely",
    "its operator runs `muara check`; send the same again later",
)
PAUSED = Refusal(
    "paused",
    503,
    "this source is paused",
    "send the same again later; its operator lets it go on with `muara sources resume`",
)
UNAVAILABLE = Refusal("unavailable", 503, "the message could not be stored", "send the same again later")
