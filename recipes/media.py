"""A compiled `receive.media:`: which questions lead to a file that a message only names."""

import json
import re
from collections.abc import Mapping
from urllib.parse import quote

from recipes.compiling import Compiler
from recipes.mapped import MappingError
from recipes.media_model import Media
from recipes.paths import Context

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def is_address(reference: str) -> bool:
    """Whether a reference is an address, and no id."""
    return _ADDRESS.match(reference) is not None


class MediaAccess:
    """How the files of one channel are found."""

    def __init__(self, model: Media, compiler: Compiler) -> None:
        self.model = model
        lookup = model.lookup
        self._found = compiler.optional(lookup.found if lookup else None, "receive", "media", "lookup", "found")

    def reaches(self, reference: str) -> bool:
        """Whether the recipe says how to come to this file."""
        return is_address(reference) or self.model.lookup is not None

    def question(self, media_id: str, base: str, secrets: Mapping[str, str]) -> str:
        """The whole address that is asked where a file is. It may hold secrets."""
        assert self.model.lookup is not None  # noqa: S101 `reaches` said so
        return base + _filled(self.model.lookup.path, {**secrets, "id": media_id})

    def address(self, answer: bytes, base: str, secrets: Mapping[str, str]) -> str:
        """The whole address of the file, by the provider's answer. It may hold secrets.

        :raises MappingError: when the answer does not tell it.
        """
        assert self.model.lookup is not None and self._found is not None  # noqa: S101, PT018 as above
        try:
            body = json.loads(answer)
        except ValueError:
            raise MappingError("the answer to where the file is, is not JSON") from None
        found = self._found({"body": body}, Context())
        if not isinstance(found, str) or not found:
            raise MappingError("the answer does not say where the file is")
        if self.model.lookup.file is not None:
            return base + _filled(self.model.lookup.file, {**secrets, "found": found})
        if not is_address(found):
            raise MappingError("the answer says where the file is, but that is no address")
        return found


def _filled(path: str, values: Mapping[str, str]) -> str:
    """A path with its gaps filled. An id or token is one step of it; only what was `found` may have several."""
    for name, value in values.items():
        filled = quote(value, safe=":/" if name == "found" else ":")
        if any(step in ("", ".", "..") for step in filled.split("/")):
            raise MappingError("what names the file cannot be part of an address")
        path = path.replace(f"{{{name}}}", filled)
    return path
