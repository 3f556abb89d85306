"""Answers of the doors that take what others post: each in one place, so that counts, logs and words never differ."""

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


TOO_LARGE = Refusal("too_large", 413, "the request is too large", "send less in one request")
TOO_SLOW = Refusal("too_slow", 408, "the request did not arrive in time", "send it again")
UNSUPPORTED_ENCODING = Refusal(
    "unsupported_encoding", 415, "compressed requests are not taken", "send without Content-Encoding"
)
OVERLOADED = Refusal("overloaded", 503, "too many requests at this moment", "send the same again later")
FAULT = Refusal("fault", 500, "a fault of ours", "send the same again later; the operator finds it in the log")
