"""What a recipe or a hub's profile may say under `signature:`."""

from typing import Literal

from pydantic import model_validator

from recipes.parts import Part, Slug

Scheme = Literal[
    "none", "token", "basic", "hmac_sha256_hex", "hmac_sha256_base64", "hmac_sha1_hex", "hmac_sha1_base64", "twilio"
]


class Signature(Part):
    """How a request proves that it comes from the provider: checked over the raw bytes, before they are parsed."""

    scheme: Scheme = "none"
    """`token` compares a header or parameter with the secret; `hmac_*` compares it with the HMAC of the raw body;
    `twilio` signs the public address with the sorted form fields; `none` leaves it to secret paths and allow-lists."""
    header: str | None = None
    """The header that carries it; any case."""
    query: str | None = None
    """The parameter of the URL that carries it, for providers that cannot set headers."""
    prefix: str = ""
    """What stands before it in the header, such as `sha256=`."""
    secret: Slug | None = None
    """Name of the secret; a source gives it one value, or two during a rotation."""

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
        if self.scheme != "basic" and (self.header is None) == (self.query is None):
            raise ValueError(f'scheme "{self.scheme}" needs to know where to look; add `header:` or `query:`')
        return self
