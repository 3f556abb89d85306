"""The address of a request as its sender knows it, which is what some providers sign."""

from ipaddress import ip_address

from starlette.requests import Request

from connectors.settings import WebhookSettings


def public_url(request: Request, settings: WebhookSettings) -> str:
    """`settings.public_url` if it is set; else what a trusted proxy says; else what the request itself says."""
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw_path.decode("latin-1")
    query: bytes = request.scope["query_string"]
    target = f"{path}?{query.decode('latin-1')}" if query else path
    if settings.public_url:
        return settings.public_url + target
    scheme = request.url.scheme
    host = request.headers.get("host", request.url.netloc)
    if _is_trusted(request, settings):
        # The first of several values is the one nearest to the sender.
        scheme = _first(request.headers.get("x-forwarded-proto")) or scheme
        host = _first(request.headers.get("x-forwarded-host")) or host
    return f"{scheme}://{host}{target}"


def _is_trusted(request: Request, settings: WebhookSettings) -> bool:
    if request.client is None:
        return False
    try:
        peer = ip_address(request.client.host)
    except ValueError:
        return False  # a test client or a Unix socket has no address
    return any(peer in network for network in settings.trusted_proxies)


def _first(value: str | None) -> str:
    return (value or "").split(",", 1)[0].strip()
