"""Text that was signed in place (RFC 9580, cleartext signature framework): the armour comes off, the words stay."""

import re
from typing import Final

_SIGNED: Final = re.compile(
    r"-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z]+:[^\n]*\n)*[ \t]*\n(?P<text>.*?)\n?"
    r"-----BEGIN PGP SIGNATURE-----.*?(?:-----END PGP SIGNATURE-----[ \t]*|\Z)",
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"^- ", re.MULTILINE)


def without_armor(text: str) -> str:
    """`text` without the marks of a signature around it and the signature itself; other text as it is."""
    if "-----BEGIN PGP SIGNED" not in text:
        return text
    return _SIGNED.sub(lambda found: _ESCAPED.sub("", found["text"]), text, count=1).strip("\n")
