"""What a recipe may say under `receive.media:`: how files are fetched that a message only names."""

import re

from pydantic import Field, model_validator

from recipes.hubs.auth_model import Auth
from recipes.parts import Expression, Part, Slug

_GAP = re.compile(r"\{([^{}]*)\}")


class MediaLookup(Part):
    """The question that turns a media id into an address: GET below `base`, answered in JSON.

    Paths have gaps: `{id}`, the names of `secrets` and, in `file`, `{found}`.
    """

    path: str = Field(pattern=r"^/")
    """Such as `/{id}`."""
    found: Expression
    """Over the answer, as `body`: the address of the file, or what `file` needs."""
    file: str | None = Field(default=None, pattern=r"^/")
    """The path of the file below `base`; without it, `found` is its whole address."""


class Media(Part):
    """How the files of the channel are fetched. An empty one: each address is asked as it is, without credentials."""

    base: str | None = Field(default=None, pattern=r"^https://[^/?#@]+(/[^?#]*)?$")
    """The provider's address; a source's setting `media_url` outranks it."""
    hosts: list[str] = Field(default_factory=list)
    """Further hosts of the provider that may see our credentials, over https only. Nobody else ever does."""
    auth: Auth = Auth()
    """How we prove who we are to `base` and `hosts`; its secrets are those of the source."""
    secrets: list[Slug] = Field(default_factory=list)
    """Secrets that stand in paths."""
    lookup: MediaLookup | None = None
    """Where a message names files by an id."""
    anonymous: bool = False
    """Whether files are also given without `auth`, so that a source may lack its secrets."""

    @property
    def needed(self) -> list[str]:
        """Names of the secrets without which nothing is fetched."""
        return [] if self.anonymous else [*self.auth.secrets, *self.secrets]

    @model_validator(mode="after")
    def _fits(self) -> "Media":
        if self.auth.kind not in ("none", "bearer", "header", "query", "basic"):
            raise ValueError(f'files are fetched by GET with a fixed credential, not by the kind "{self.auth.kind}"')
        if (self.auth.secrets or self.lookup) and self.base is None:
            raise ValueError("`auth:` and `lookup:` need `base:`, the provider's address")
        known = {"id", *self.secrets}
        for text, names in (
            ((self.lookup.path, known), (self.lookup.file or "", known | {"found"})) if self.lookup else ()
        ):
            if strange := sorted(set(_GAP.findall(text)) - names):
                raise ValueError(f'"{text}" has the gap {{{strange[0]}}}; known: {", ".join(sorted(names))}')
        return self
