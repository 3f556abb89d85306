"""Proofs that a request comes from a provider or a hub, checked over the raw bytes before anything is parsed.

Each strategy knows one scheme of the recipes. All compare in constant time and accept either of two live secrets, so
that a secret can be rotated without a gap.
"""

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from recipes.signature_model import Signature

_FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 10_000
"""Fields of a signed form; a form with more is no message of a telephone company."""


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


def verify(signature: Signature, live_secrets: Callable[[str], Sequence[str]], request: Signed) -> bool:
    """Whether the request bears a valid proof, by the scheme of a recipe or profile.

    `live_secrets` gives the values of a secret that are valid now; what it raises when there is none goes through: a
    door without its lock stays shut.
    """
    if signature.scheme == "none":
        return True
    secrets = live_secrets(signature.secret or "")
    given = _given(signature, request)
    if given is None:
        return False
    # All live secrets are tried whatever the first says, so that the time tells nothing.
    matches = [_SCHEMES[signature.scheme](secret, given, request) for secret in secrets]
    return any(matches)


def same(given: str, expected: str) -> bool:
    """Compare in constant time; whatever characters come in."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def _given(signature: Signature, request: Signed) -> str | None:
    if signature.query is not None:
        value = request.query.get(signature.query)
    else:
        value = request.headers.get((signature.header or "authorization").lower())
    if value is None or not value.startswith(signature.prefix):
        return None
    return value.removeprefix(signature.prefix)


def _hex(algorithm: str) -> Callable[[str, str, Signed], bool]:
    def check(secret: str, given: str, request: Signed) -> bool:
        return same(given.lower(), hmac.digest(secret.encode(), request.body, algorithm).hex())

    return check


def _base64(algorithm: str) -> Callable[[str, str, Signed], bool]:
    def check(secret: str, given: str, request: Signed) -> bool:
        return same(given, base64.b64encode(hmac.digest(secret.encode(), request.body, algorithm)).decode())

    return check


def _token(secret: str, given: str, request: Signed) -> bool:
    del request  # the token stands for itself
    return same(given, secret)


def _basic(secret: str, given: str, request: Signed) -> bool:
    """RFC 7617; the secret is `user:password`."""
    del request
    scheme, _, credentials = given.partition(" ")
    expected = base64.b64encode(secret.encode()).decode()
    return same(credentials.strip(), expected) and scheme.lower() == "basic"


def _twilio(secret: str, given: str, request: Signed) -> bool:
    """Twilio, "Webhooks security": base64 HMAC-SHA1 of the public address and the sorted form fields.

    A body that is not a form is covered by its SHA-256 in the parameter `bodySHA256` of the signed address.
    """
    suffix = ""
    if request.media_type == _FORM:
        fields = _sorted_fields(request.body)
        if fields is None:
            return False
        suffix = fields
    elif request.body and not same(request.query.get("bodySHA256", ""), hashlib.sha256(request.body).hexdigest()):
        return False
    matches = [
        same(given, base64.b64encode(hmac.digest(secret.encode(), (url + suffix).encode(), "sha1")).decode())
        for url in _with_and_without_port(request.url)
    ]
    return any(matches)


def _sorted_fields(body: bytes) -> str | None:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        return None
    values: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        values[name].add(value)
    return "".join(name + value for name in sorted(values) for value in sorted(values[name]))


def _with_and_without_port(url: str) -> Iterator[str]:
    """Twilio signs some addresses with the standard port and others without."""
    yield url
    parts = urlsplit(url)
    standard = {"https": 443, "http": 80}.get(parts.scheme)
    if parts.port is None and standard is not None:
        yield urlunsplit(parts._replace(netloc=f"{parts.netloc}:{standard}"))
    elif parts.port is not None:
        yield urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0]))


_SCHEMES: Mapping[str, Callable[[str, str, Signed], bool]] = {
    "token": _token,
    "basic": _basic,
    "hmac_sha256_hex": _hex("sha256"),
    "hmac_sha256_base64": _base64("sha256"),
    "hmac_sha1_hex": _hex("sha1"),
    "hmac_sha1_base64": _base64("sha1"),
    "twilio": _twilio,
}
