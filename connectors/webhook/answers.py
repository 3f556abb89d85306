"""Every answer of the webhook door in one table, so that counts, logs and words never differ."""

from dataclasses import dataclass, field

from starlette.responses import JSONResponse, Response


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not 2xx: its name in the counters, and what it says."""

    outcome: str
    status: int
    error: str
    remedy: str
    headers: dict[str, str] = field(default_factory=dict)

    def response(self, retry_after: int | None = None) -> Response:
        """As JSON; 503 says when to come again."""
        headers = dict(self.headers)
        if retry_after is not None and self.status in {503, 429}:
            headers["Retry-After"] = str(retry_after)
        return JSONResponse({"error": self.error, "remedy": self.remedy}, self.status, headers)


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
TOO_LARGE = Refusal("too_large", 413, "the request is too large", "send fewer messages in one request")
TOO_SLOW = Refusal("too_slow", 408, "the request did not arrive in time", "send it again")
UNSUPPORTED_ENCODING = Refusal(
    "unsupported_encoding", 415, "compressed requests are not taken", "send without Content-Encoding"
)
MISCONFIGURED = Refusal(
    "misconfigured",
    503,
    "this source is not configured completely",
    "its operator runs `muara check`; send the same again later",
)
OVERLOADED = Refusal("overloaded", 503, "too many requests at this moment", "send the same again later")
UNAVAILABLE = Refusal("unavailable", 503, "the message could not be stored", "send the same again later")
FAULT = Refusal("fault", 500, "a fault of ours", "send the same again later; the operator finds it in the log")
