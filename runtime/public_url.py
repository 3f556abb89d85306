"""The address of a request as its sender knows it, which is what some providers sign."""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.requests import Request

Network = IPv4Network | IPv6Network


def public_url(request: Request, configured: str | None, trusted_proxies: Collection[Network]) -> str:
    """With `configured` before the path if that is set; else as a trusted proxy says; else as the request itself."""
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw_path.decode("latin-1")
    query: bytes = request.scope["query_string"]
    target = f"{path}?{query.decode('latin-1')}" if query else path
    if configured:
        return configured + target
    scheme = request.url.scheme
    host = request.headers.get("host", request.url.netloc)
    if _is_trusted(request, trusted_proxies):
        # The first of several values is the one nearest to the sender.
        scheme = _first(request.headers.get("x-forwarded-proto")) or scheme
        host = _first(request.headers.get("x-forwarded-host")) or host
    return f"{scheme}://{host}{target}"


def _is_trusted(request: Request, trusted_proxies: Collection[Network]) -> bool:
    if request.client is None:
        return False
    try:
        peer = ip_address(request.client.host)
    except ValueError:
        return False  # a test client or a Unix socket has no address
    return any(peer in network for network in trusted_proxies)


def _first(value: str | None) -> str:
    return (value or "").split(",", 1)[0].strip()
