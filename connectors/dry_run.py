"""`muara channels parse`: what would become of a delivery, without accepting anything."""

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from connectors.faults import describe
from connectors.files.columns import words_of
from connectors.files.lines import UnreadableFile
from connectors.files.naming import RowNames
from connectors.files.rows import read_rows
from connectors.naming import identify, name_of
from connectors.source import MissingSecret, Source
from recipes.channel import Channel
from recipes.decoding import decode_json, encode
from recipes.inbound import Inbound, Item, media_type
from recipes.mapped import MappingError
from recipes.signatures import Signed, verify
from recipes.view import item_view

_TYPES = {"rfc822": "message/rfc822", "form": "application/x-www-form-urlencoded"}
_ABSENT: dict[str, Any] = {
    "outcome": "dead", "reason": None, "signature": "not checked", "message_id": None, "external_id": None,
    "complaint": None,
}  # fmt: skip


def inbound_of(
    channel: Channel, body: bytes, headers: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
) -> Inbound:
    """A delivery from its parts; without a Content-Type it has the one that the channel expects."""
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    kind = media_type(lower.get("content-type", ""))
    how = channel.recipe.receive.decode
    if not kind and how in ("auto", "query", "xml") and body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        kind = "application/xml"
    if not kind:
        looks_like_form = how in ("auto", "query") and not body.lstrip().startswith((b"{", b"[")) and b"=" in body
        kind = _TYPES.get("form" if looks_like_form else how, "application/json")
    return Inbound(body, kind, lower, dict(query or {}))


def parse(
    channel: Channel,
    inbound: Inbound,
    *,
    source: Source | None = None,
    public_url: str | None = None,
    filename: str | None = None,
) -> list[dict[str, Any]]:
    """One object for each message and receipt: outcome, reason, signature, ids, and the complaint in the clear.

    Without a source no signature is checked, and ids are those of a source of that name; `public_url` is the whole
    address that was called, for providers that sign it; `filename` is the name of a file of rows. Never raises.
    """
    try:
        return list(_parse(channel, inbound, source, public_url, filename))
    except Exception as error:  # noqa: BLE001 a dry run of hostile input ends in words, whatever it meets
        return [{**_ABSENT, "reason": describe(error, ())}]


def _parse(
    channel: Channel, inbound: Inbound, source: Source | None, public_url: str | None, filename: str | None
) -> Iterator[dict[str, Any]]:
    signature = _signature(channel, inbound, source, public_url)
    if signature == "invalid":
        yield {**_ABSENT, "outcome": "rejected", "reason": "bad_signature", "signature": signature}
        return
    known = source or Source("dry-run", "dry-run", channel)
    empty = True
    for item, ordinal in _items(known, inbound, filename):
        empty = False
        yield _clean({**_view(known, item, ordinal), "signature": signature})
    if empty:  # a file of rows may have none; that is said too
        yield {**_ABSENT, "outcome": "ignored", "reason": "no_rows"}


def _items(source: Source, inbound: Inbound, filename: str | None) -> Iterator[tuple[Item, int | None]]:
    channel, transport = source.channel, source.channel.recipe.receive.transport
    if transport not in {"files", "sql"} or _is_one_object(inbound.body):
        for item in channel.split(inbound, zone=source.zone):
            yield item, None
        return
    if transport == "sql" and (listed := _listed_rows(inbound.body)):
        for payload in listed:  # rows of a table, however they were exported
            for item in channel.split(Inbound(payload, "application/json"), zone=source.zone):
                yield item, None
        return
    names = RowNames()
    try:
        path = Path(filename or ("rows.ndjson" if inbound.body.lstrip().startswith(b"{") else "rows.csv"))
        for row in read_rows(path, io.BytesIO(inbound.body), source.options, words_of(channel)):
            if row.defect:
                yield names.place(Item(row.payload, "text/plain", defect=f"line {row.line}: {row.defect}"))
                continue
            for item in channel.split(Inbound(row.payload, "application/json"), zone=source.zone):
                yield names.place(item)
    except UnreadableFile as error:
        yield Item(inbound.body, inbound.media_type, defect=str(error)), None


def _listed_rows(body: bytes) -> list[bytes]:
    """The elements of a JSON list; nothing when it is none."""
    try:
        found = decode_json(body)
    except MappingError:
        return []
    return [encode(row) for row in found] if isinstance(found, list) else []


def _is_one_object(body: bytes) -> bool:
    """Whether this is one row as the transport hands it on, rather than a file of rows."""
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _view(source: Source, item: Item, ordinal: int | None) -> dict[str, Any]:
    view = item_view(source.channel, item, zone=source.zone, settings=dict(source.settings))
    result = {**_ABSENT, **{name: view[name] for name in ("outcome", "reason", "external_id", "complaint")}}
    if view["outcome"] == "receipt":
        return {**result, "outcome": "ignored", "reason": f"receipt:{view['reason']}"}
    return {**result, "message_id": str(identify(source, name_of(item, ordinal)))}


def _signature(channel: Channel, inbound: Inbound, source: Source | None, public_url: str | None) -> str:
    proof = channel.recipe.receive.signature
    scheme = proof.scheme
    if source is None or scheme == "none" or channel.recipe.receive.transport != "webhook":
        return "not checked"
    if (scheme == "twilio" or "{url}" in proof.signs) and not public_url:
        return "not checked"
    url = public_url or ""
    if inbound.query and "?" not in url:
        url = f"{url}?{urlencode(inbound.query, errors='surrogatepass')}"
    try:
        # A saved request is old, which proves nothing.
        signed = Signed(inbound.body, inbound.media_type, inbound.headers, inbound.query, url, at=None)
        valid = verify(channel.recipe.receive.signature, source.live_secrets, signed)
    except MissingSecret:
        return "not checked"
    return "valid" if valid else "invalid"


def _clean(value: Any) -> Any:  # noqa: ANN401 JSON values
    """Without lone surrogates, which no terminal and no file takes."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value
