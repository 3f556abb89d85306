"""Asking for a token by OAuth 2.0 client credentials (RFC 6749, 4.4), and reading the answer."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from recipes.hubs.auth_model import Auth
from recipes.hubs.encoding import FORM
from recipes.hubs.requests import Request


def grant_request(auth: Auth, secrets: Mapping[str, str], settings: Mapping[str, Any]) -> Request:
    """The question for a token; the setting `token_url` outranks the recipe's."""
    client, secret = secrets[str(auth.user)], secrets[str(auth.secret)]
    fields = {"grant_type": "client_credentials", **auth.parameters}
    headers = {"Content-Type": FORM}
    if auth.scope is not None:
        fields["scope"] = auth.scope
    if auth.client_by == "form":
        fields |= {"client_id": client, "client_secret": secret}
    else:
        # RFC 6749, 2.3.1: both are form-encoded before they are joined.
        pair = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return Request("POST", str(settings.get("token_url") or auth.token_url), headers, urlencode(fields).encode())


def granted_token(content: bytes) -> tuple[str, float | None] | None:
    """The token in an answer, and the seconds that it lasts where it says so; None when there is none."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    token = data.get("access_token") if isinstance(data, dict) else None
    if not isinstance(token, str) or not token:
        return None
    try:
        return token, float(data["expires_in"])
    except (KeyError, TypeError, ValueError):
        return token, None
