"""The text of a message: fit to be stored, fit to be compared, and its title."""

import re
import unicodedata
from functools import lru_cache

from normalizer.understanding.greetings import substance, without_opening
from normalizer.understanding.words import words

_SURROGATES = re.compile("([\ud800-\udbff])([\udc00-\udfff])|[\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_LITERAL_NEWLINE = re.compile(r"(?:\\r)?\\n")
# The zero-width joiner stays where it builds an emoji (family, flag), and goes everywhere else.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)
_BLANKS = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_AROUND_NEWLINE = re.compile(" ?\n ?")
_MANY_NEWLINES = re.compile("\n{3,}")
_PLAIN = re.compile(r"[!-\[\]-~]+(?:[ \n][!-\[\]-~]+)*")


def _joined(match: re.Match[str]) -> str:
    if match[1] is None:
        return "\ufffd"
    return chr(0x10000 + ((ord(match[1]) - 0xD800) << 10) + (ord(match[2]) - 0xDC00))


def _pass(text: str) -> str:
    text = _SURROGATES.sub(_joined, text)
    text = _NEWLINES.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    normal = unicodedata.normalize("NFC", text)
    if len(normal) <= len(text):  # a few scripts have letters that NFC takes apart: they stay as written
        text = normal
    text = _LITERAL_NEWLINE.sub("\n", text)
    text = _BLANKS.sub(" ", text)
    text = _AROUND_NEWLINE.sub("\n", text)
    return _MANY_NEWLINES.sub("\n\n", text).strip()


@lru_cache(maxsize=64)  # each step of understanding begins with it
def clean(text: str) -> str:
    r"""What the citizen wrote, fit to be stored; never longer than the input, and clean text stays as it is.

    Unicode NFC; NUL, other controls, zero-width and bidirectional marks dropped; surrogate pairs joined and lone
    surrogates replaced by U+FFFD; a literal `\n` becomes a line break; blanks folded; at most one empty line.
    """
    if _PLAIN.fullmatch(text):
        return text
    while (cleaner := _pass(text)) != text:
        text = cleaner
    return text


def comparable(text: str) -> str:
    """For comparison only: words in one spelling, without greetings, forward marks, thanks, emoji and punctuation.

    Empty when nothing of substance is left; then the raw text is all there is to compare.
    """
    return " ".join(words(substance(clean(text))))


# A full stop ends a sentence only before a blank, and not after these.
_SENTENCE_END = re.compile(
    r"(?=[.!?\n])(?:"  # most letters are done with at this
    r"(?<!\bjl)(?<!\bjln)(?<!\bno)(?<!\bkel)(?<!\bkec)(?<!\bkab)(?<!\bds)(?<!\bgg)(?<!\brt)(?<!\brw)(?<!\bkm)(?<!\brp)"
    r"(?<!\bdr)(?<!\bbpk)(?<!\byth)(?<!\btgl)(?<!\b\w)\.+(?=\s)|[!?]+(?=\s)|\n)",
    re.IGNORECASE,
)
_LEFT_OF_TITLE = " \n.,:;!-–—*_>~\"'"
_RIGHT_OF_TITLE = " \n.,:;!-–—*_>~"


def title(text: str, limit: int = 100) -> str:
    """The first sentence that says something, at most `limit` characters, cut at a word with `…`.

    Never empty for a text with anything visible in it; the caller needs its own words for a complaint without text.
    A title is cut from what it is given: mask identities first where it is published.

    Raises:
        ValueError: `limit` is below 10.
    """
    if limit < 10:
        raise ValueError(f"a title of {limit} characters says nothing: give a limit of 10 or more")
    whole = clean(text)
    rest = without_opening(whole[: limit * 20]).lstrip(_LEFT_OF_TITLE) or whole
    found = ""
    start = 0
    for end in _SENTENCE_END.finditer(rest):
        found = f"{found} {rest[start : end.start()].strip()}".strip()
        start = end.end()
        if len(found) >= 20 or len(found) >= limit:
            found += end[0] if end[0].startswith("?") else ""
            break
    else:
        found = f"{found} {rest[start:].strip()}".strip()
    found = " ".join(found.split()).rstrip(_RIGHT_OF_TITLE) or " ".join(whole.split())
    if len(found) > limit:
        at = found.rfind(" ", limit // 2, limit)
        found = found[: at if at > 0 else limit - 1].rstrip(_RIGHT_OF_TITLE) + "…"
    return found[0].upper() + found[1:] if found and len(found[0].upper()) == 1 else found
