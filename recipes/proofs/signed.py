"""What a proof may cover, and the comparisons that all schemes share."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from recipes.decoding import decode_form, decode_json
from recipes.mapped import MappingError, Value
from recipes.multipart import is_multipart_form

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature may cover."""

    body: bytes
    media_type: str
    headers: Mapping[str, str]
    """Names in lower case."""
    query: Mapping[str, str]
    url: str
    """The whole address, as the provider outside knows it."""
    at: float | None = field(default_factory=time.time)
    """When it arrived, Unix time; None where a saved request is looked at, whose age proves nothing."""

    def fields(self) -> Mapping[str, Value]:
        """The fields of the body, where it is a form or a JSON object; nothing where it is something else."""
        try:
            is_form = self.media_type == FORM or is_multipart_form(self.body)
            found = decode_form(self.body) if is_form else decode_json(self.body)
        except MappingError:
            return {}
        return found if isinstance(found, dict) else {}

    def is_recent(self, timestamp: str, tolerance: int) -> bool:
        """Whether a signed time, in Unix seconds, lies no more seconds than that before or after the arrival."""
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return False
        return self.at is None or abs(self.at - int(timestamp)) <= tolerance


def same(given: str, expected: str) -> bool:
    """Compare in constant time; whatever characters come in."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def any_same(given: str, expected: list[str]) -> bool:
    """Whether one of several is the same; all are compared, so that the time tells nothing."""
    matches = [same(given, each) for each in expected]
    return any(matches)
