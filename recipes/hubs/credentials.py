"""Puts credentials into a request that is about to be sent. What is kept of a request never holds any."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from recipes import xml
from recipes.hubs.auth_model import Auth, Gateway
from recipes.hubs.encoding import FORM, part
from recipes.hubs.requests import Request

BOUNDARY = "boundary="


class NoPlace(ValueError):
    """The request has no place for the credential as the profile says it; tells what to correct."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A token or secret, and where it stands."""

    place: str
    value: str
    name: str = ""
    within: str | None = None


def fixed(auth: Auth, secrets: Mapping[str, str]) -> Credential | None:
    """The credential of an `auth` that need not be asked for; None when there is none, or it has to be asked for."""
    if auth.kind == "basic":
        pair = f"{secrets[str(auth.user)]}:{secrets[str(auth.secret)]}".encode()
        return Credential("header", f"Basic {base64.b64encode(pair).decode()}", "Authorization")
    if auth.kind in ("none", "oauth2", "session") or auth.secret is None:
        return None
    return placed(auth, auth.kind, secrets[auth.secret])


def placed(auth: Auth, place: str, value: str) -> Credential:
    """A token at the place that the profile names."""
    if place == "bearer":
        return Credential("header", f"Bearer {value}", "Authorization")
    return Credential(place, f"{auth.prefix}{value}" if place == "header" else value, auth.name or "", auth.within)


def through(gateway: Gateway, secrets: Mapping[str, str]) -> Credential:
    """The key of a gateway."""
    return Credential("header", f"{gateway.prefix}{secrets[gateway.secret]}", gateway.header)


def with_credential(request: Request, credential: Credential) -> Request:
    """The request with the credential in its place.

    Raises:
        NoPlace: the body is of another kind than the profile thinks.
    """
    return _PLACES[credential.place](request, credential)


def _header(request: Request, credential: Credential) -> Request:
    return replace(request, headers={**request.headers, credential.name: credential.value})


def _query(request: Request, credential: Credential) -> Request:
    sign = "&" if "?" in request.target else "?"
    return replace(request, target=f"{request.target}{sign}{quote(credential.name)}={quote(credential.value, safe='')}")


def _field(request: Request, credential: Credential) -> Request:
    media_type = request.headers.get("Content-Type", FORM)
    body = request.body or b""
    if BOUNDARY in media_type:
        mark = media_type.partition(BOUNDARY)[2]
        return replace(request, body=part(mark, credential.name, credential.value) + body)
    if "json" in media_type:
        data = json.loads(body or b"{}")
        if not isinstance(data, dict):
            raise NoPlace("the body is no JSON object, so it has no field for the credential")
        *way, last = credential.name.split("/")
        inside = data
        for step in way:
            inside = inside.setdefault(step, {})
            if not isinstance(inside, dict):
                raise NoPlace(f'the body has no place for the credential at "{credential.name}"')
        inside[last] = credential.value
        return replace(request, body=json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
    if "urlencoded" in media_type:
        pair = urlencode({credential.name: credential.value}).encode()
        return replace(
            request, headers={**request.headers, "Content-Type": media_type}, body=body + b"&" + pair if body else pair
        )
    raise NoPlace(f"a body of the type {media_type} has no fields: use `attribute` or `element`")


def _in_xml(change: Callable[[xml.Element, Credential], None]) -> Callable[[Request, Credential], Request]:
    def put(request: Request, credential: Credential) -> Request:
        body = request.body or b""
        try:
            root = xml.parse(body)
        except xml.BadXml:
            raise NoPlace(
                "the body is no XML, so it has no attribute or element for the credential: write `format: xml`"
            ) from None
        change(root, credential)
        return replace(request, body=xml.serialized(root, declaration=body.startswith(b"<?xml")))

    return put


_PLACES: Mapping[str, Callable[[Request, Credential], Request]] = {
    "header": _header,
    "query": _query,
    "field": _field,
    "attribute": _in_xml(lambda root, c: xml.put_attribute(root, c.within, c.name, c.value)),
    "element": _in_xml(lambda root, c: xml.put(root, c.within or "", c.value)),
}
