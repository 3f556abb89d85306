"""What a recipe or a hub's profile may say under `signature:`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, model_validator

from recipes.parts import Part, Slug

Scheme = Literal[
    "none", "token", "basic", "hmac",
    "hmac_sha256_hex", "hmac_sha256_base64", "hmac_sha1_hex", "hmac_sha1_base64", "meta",
    "telegram", "twilio", "vonage", "mailgun", "sendgrid", "standard_webhooks",
]  # fmt: skip
_PRESETS: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "hmac_sha256_hex": ("hmac", {"hash": "sha256", "encoding": "hex"}),
        "hmac_sha256_base64": ("hmac", {"hash": "sha256", "encoding": "base64"}),
        "hmac_sha1_hex": ("hmac", {"hash": "sha1", "encoding": "hex"}),
        "hmac_sha1_base64": ("hmac", {"hash": "sha1", "encoding": "base64"}),
        "meta": ("hmac", {"header": "X-Hub-Signature-256", "prefix": "sha256="}),
        "telegram": ("token", {"header": "X-Telegram-Bot-Api-Secret-Token"}),
        "twilio": ("twilio", {"header": "X-Twilio-Signature"}),
    }
)
"""Names for what a general scheme can say with its options."""
_ANYWHERE = frozenset({"basic", "vonage", "mailgun", "sendgrid", "standard_webhooks"})
"""Schemes that know themselves where they stand."""
_WINDOWS = MappingProxyType({"vonage": 86_400, "mailgun": 86_400, "sendgrid": 86_400})
"""Seconds; these providers repeat a message for hours, signed once. A repetition is harmless: its id is known."""


class Signature(Part):
    """How a request proves that it comes from the provider: checked over the raw bytes, before they are parsed."""

    scheme: Scheme = "none"
    """`token` compares a header or parameter with the secret; `hmac` compares it with the HMAC of what `signs` says;
    the others are those of providers; `none` leaves it to secret paths and allow-lists."""
    header: str | None = None
    """The header that carries it; any case."""
    query: str | None = None
    """The parameter of the URL that carries it, for providers that cannot set headers."""
    prefix: str = ""
    """What stands before it in the header, such as `sha256=`."""
    secret: Slug | None = None
    """Name of the secret; a source gives it one value, or two during a rotation."""
    hash: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256"
    """`hmac`: the hash."""
    encoding: Literal["hex", "base64", "base64url"] = "hex"
    """`hmac`: how the digest is written."""
    signs: str = "{body}"
    """`hmac`: what is signed: `{body}`, and around it `{url}`, `{timestamp}` and fixed signs: `{timestamp}.{body}`."""
    timestamp: str | None = None
    """`hmac`: the header with the time that is signed, in Unix seconds."""
    tolerance: int | None = Field(default=None, ge=1, le=7 * 86_400)
    """Seconds by which a signed time may differ from ours; 300, for `vonage`, `mailgun` and `sendgrid` a day."""

    @property
    def window(self) -> int:
        """The tolerance, or the scheme's own."""
        return self.tolerance or _WINDOWS.get(self.scheme, 300)

    @property
    def covers_body(self) -> bool:
        """Whether the body is needed for the proof; where it is not, a stranger's body need not be read."""
        return self.scheme not in {"none", "token", "basic", "telegram"}

    def resolved(self) -> "Signature":
        """The general scheme behind a provider's name; what the recipe says itself takes precedence."""
        scheme, preset = _PRESETS.get(self.scheme, (self.scheme, {}))
        if scheme == self.scheme and not preset:
            return self
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "query" in given:
            preset = {name: value for name, value in preset.items() if name != "header"}
        return Signature.model_construct(**{**preset, **given, "scheme": scheme})

    @model_validator(mode="after")
    def _is_complete(self) -> "Signature":
        if self.scheme == "none":
            if self.header or self.query or self.secret:
                raise ValueError(
                    'scheme "none" checks nothing; name the scheme that the header and the secret belong to'
                )
            return self
        if self.secret is None:
            raise ValueError(f'scheme "{self.scheme}" needs the name of a secret; add `secret:`')
        _, preset = _PRESETS.get(self.scheme, (self.scheme, {}))
        known = self.scheme in _ANYWHERE or "header" in preset
        if (self.header is not None and self.query is not None) or (
            not known and self.header is None and self.query is None
        ):
            raise ValueError(f'scheme "{self.scheme}" needs to know where to look; add `header:` or `query:`')
        if "{body}" not in self.signs:
            raise ValueError("`signs` does not hold {body}: anybody could put another body under an old signature")
        if ("{timestamp}" in self.signs) is not (self.timestamp is not None):
            raise ValueError("`signs` with {timestamp}, and `timestamp:`, the header that holds it, belong together")
        return self
