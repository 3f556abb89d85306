"""What a profile may say about proving who we are: `auth:`, `gateway:` and `tls:`."""

from typing import Literal

from pydantic import Field, model_validator

from recipes.hubs.part import Part
from recipes.hubs.request_model import RequestSpec
from recipes.parts import Expression, Slug

Place = Literal["bearer", "header", "query", "field", "attribute", "element"]
"""Where in a request a credential stands.

`bearer`: `Authorization: Bearer …`. `header`: a header of its own. `query`: a parameter of the address. `field`: a
field of the form or of the JSON object. `attribute`: of an element of the XML body. `element`: the text of one."""

_NAMED: tuple[str, ...] = ("header", "query", "field", "attribute")
_NEEDS: dict[str, tuple[str, ...]] = {
    "none": (),
    "bearer": ("secret",),
    "header": ("secret", "name"),
    "query": ("secret", "name"),
    "field": ("secret", "name"),
    "attribute": ("secret", "name"),
    "element": ("secret", "within"),
    "basic": ("secret", "user"),
    "oauth2": ("secret", "user", "token_url"),
    "session": ("place",),
}
_MAY: dict[str, tuple[str, ...]] = {
    "header": ("prefix",),
    "attribute": ("within",),
    "oauth2": ("scope", "parameters", "client_by"),
    "session": ("login", "name", "within", "prefix"),
}


class Login(RequestSpec):
    """The request that opens a session. Its expressions read `secrets` and `settings`, and nothing else."""

    secrets: list[Slug] = Field(default_factory=list)
    """Names of the secrets that it reads, as `secrets.NAME`."""
    token: Expression
    """The session's token, read over the answer: `status`, `headers`, `body`."""
    lasts: Expression | None = None
    """Seconds that the session lasts, a number or an expression over the answer; None: until the hub refuses it."""


class Auth(Part):
    """How we prove who we are. Added when a request is sent, never kept with it."""

    kind: Literal[
        "none", "bearer", "header", "query", "field", "attribute", "element", "basic", "oauth2", "session"
    ] = "none"
    """A place for a fixed token; or `basic` (name and password), `oauth2` (client credentials), `session` (a login)."""
    secret: Slug | None = None
    """Name of the secret: the token, the password, or the client's secret. The configuration has its value."""
    name: str | None = None
    """Name of the header, parameter, field or attribute. A field of JSON may lie deeper: `head/token`."""
    prefix: str = ""
    """Before the value of a header, such as `Token ` with its blank."""
    within: str | None = None
    """Way to an XML element from the root's children on, such as `Header/Session`; missing ones are made. An attribute
    without it stands at the root."""
    user: Slug | None = None
    """`basic` and `oauth2`: name of the secret that holds the user's name or the client's id."""
    token_url: str | None = Field(default=None, pattern=r"^(/|https?://)")
    """`oauth2`: where tokens are given, a path below the hub's address or a whole address. The hub's setting of the
    same name outranks it."""
    scope: str | None = None
    """`oauth2`: what is asked for."""
    parameters: dict[str, str] = Field(default_factory=dict)
    """`oauth2`: further fields of the token request, such as `audience`."""
    client_by: Literal["basic", "form"] = "basic"
    """`oauth2`: whether the client proves itself by a header or by fields of the form."""
    login: Login | None = None
    """`session`: the request that opens it. It stands in the profile's `auth`; an operation that puts the session into
    another place leaves it out."""
    place: Place | None = None
    """`session`: where its token stands in every other request."""

    @model_validator(mode="after")
    def _is_complete(self) -> "Auth":
        needs = _NEEDS[self.kind]
        allowed = {"kind", *needs, *_MAY.get(self.kind, ())}
        if self.kind == "session" and self.place in _NAMED:
            needs = (*needs, "name")
        if self.kind == "session" and self.place == "element":
            needs = (*needs, "within")
        for key in needs:
            if not getattr(self, key):
                raise ValueError(f'the kind "{self.kind}" needs `{key}:`')
        for key in sorted(self.model_fields_set - allowed):
            raise ValueError(
                f'`{key}:` has no place in the kind "{self.kind}", which knows {", ".join(sorted(allowed))}'
            )
        return self

    @property
    def secrets(self) -> list[str]:
        """Names of all secrets that it needs."""
        named = [self.user, self.secret, *(self.login.secrets if self.login else ())]
        return [name for name in named if name]

    @property
    def renewable(self) -> bool:
        """Whether a refused token can be replaced by asking for another."""
        return self.kind in ("oauth2", "session")


class Gateway(Part):
    """The key of a gateway before the hub, such as the government's SPLP; it goes beside the hub's own `auth`."""

    header: str
    """Name of the header."""
    secret: Slug
    """Name of the secret that holds the key."""
    prefix: str = ""
    """Before the key."""


class Tls(Part):
    """A certificate of ours that the hub asks for (mutual TLS). Settings of the hub name the files, by whole paths."""

    certificate: Slug = "client_certificate"
    """Setting that names the PEM file with our certificate."""
    key: Slug = "client_key"
    """Setting that names the PEM file with its key; a hub without that setting has it in the certificate's file."""
    password: Slug | None = None
    """Secret that opens the key's file."""
    authority: Slug = "authority"
    """Setting that names the PEM file of the authority that signed the hub's certificate; without it, the system's."""
