"""Twilio, "Webhooks security": base64 HMAC-SHA1 of the public address and the sorted form fields.

A body that is not a form is covered by its SHA-256 in the parameter `bodySHA256` of the signed address.
"""

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from recipes.proofs.signed import FORM, Signed, any_same, same
from recipes.proofs.simple import given
from recipes.signature_model import Signature

_MAX_FIELDS = 10_000
"""Fields of a signed form; a form with more is no message of a telephone company."""


def twilio(signature: Signature, secret: str, request: Signed) -> bool:
    """Whether the header holds Twilio's signature."""
    found, suffix = given(signature, request), ""
    if found is None:
        return False
    if request.media_type == FORM:
        fields = _sorted_fields(request.body)
        if fields is None:
            return False
        suffix = fields
    elif request.body and not same(request.query.get("bodySHA256", ""), hashlib.sha256(request.body).hexdigest()):
        return False
    expected = [
        base64.b64encode(hmac.digest(secret.encode(), (url + suffix).encode(), "sha1")).decode()
        for url in _with_and_without_port(request.url)
    ]
    return any_same(found, expected)


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
