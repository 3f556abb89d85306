"""Quoted history cut off a mail's text, so that only what the citizen wrote now remains."""

import re
from typing import Final

from recipes.mail.footers import is_device_line
from recipes.mail.quote_marks import (
    ABOVE_THIS_LINE,
    FORWARD,
    ORIGINAL,
    QUANTITY,
    QUOTED,
    RULE,
    HeaderBlock,
    attribution_end,
    header_block,
    is_header_line,
    plain,
)
from recipes.mail.signatures import strip_signature

_PASSING_ON: Final = re.compile(
    r"\W*(((fyi|fwd|fw|info|terusan|diteruskan|meneruskan|untuk diketahui|see below|please see below|as below"
    r"|lihat di bawah( ini)?"
    r"|mohon|tolong|harap|silakan|segera|dimohon|agar|untuk|supaya|dapat|dibantu|bantuannya|bantuan|ditindaklanjuti|ditindak"
    r"|tindak|lanjut|lanjuti|tindaklanjut|tindaklanjuti|dicek|cek|diproses|proses|berikut|ini|saya|kami|teruskan|laporan|pengaduan"
    r"|keluhan|aduan|email|e-mail|surel|pesan|dari|warga|masyarakat|di|bawah|terima|kasih|terimakasih|makasih|trims|ya|pak|bu|bapak"
    r"|ibu|mas|mbak|yth|selamat|pagi|siang|sore|malam|salam|dan|yang|sebagai|informasi|please|kindly|follow|up|thanks|thank|you"
    r"|forwarding|this|for|your|action|dear|assalamualaikum)\b\W*){0,25})",
    re.IGNORECASE,
)
"""A note above a forwarded mail that is no complaint of its own: the forwarded one is."""
_DIRECTIVE: Final = re.compile(
    r"\b(fyi|fwd?|info\w*|\w*terus\w*|untuk diketahui|below|di bawah|mohon|tolong|harap|silakan|tindak\w*"
    r"|ditindak\w*|cek|dicek|proses"
    r"|diproses|berikut|laporan|pengaduan|keluhan|aduan|please|kindly|forwarding|action)\b",
    re.IGNORECASE,
)
"""What such a note asks for: without it, `terima kasih` above an answer of ours is a citizen's thanks."""
_DEEPEST: Final = 5
_SPEAKS: Final = re.compile(r"(menulis|wrote|tulis|said|kata|bilang|balas|jawab)\w*\s*:$", re.IGNORECASE)


def strip_quotes(text: str) -> str:
    """`text` without what others wrote before: quoted lines, and everything below an attribution or a copied header.

    Answers between quoted lines stay. A forwarded mail with nothing above it, or only a note that passes it on, is the
    complaint: its header goes, its text stays. When nothing would remain, or there is nothing to cut, the text comes
    back as it was.
    """
    original = text.split("\n")
    remaining = _strip(original, 0)
    if remaining == original:
        return text
    return re.sub(r"\n[ \t]*(\n[ \t]*){2,}", "\n\n", "\n".join(remaining)).strip() or text


def _strip(original: list[str], depth: int) -> list[str]:
    lines = [plain(line) for line in original]
    cut = _cut(original, lines, depth)
    if cut is not None:
        original = cut
        lines = [plain(line) for line in original]
    kept = _without_quoted_lines(original, lines)
    return kept if any(line.strip() for line in kept) else original


def _cut(original: list[str], lines: list[str], depth: int) -> list[str] | None:
    """What stands above the first mark of a history, or what was forwarded below it; None when there is no mark."""
    for index, line in enumerate(lines):
        if not line or QUOTED.match(line):
            continue
        found = _history(lines, index)
        if found is None:
            continue
        end, keep_below = found
        above, below = original[:index], original[end:]
        if not _says_something(above, keep_below=keep_below):
            note = [line for line in above if line.strip()] if keep_below else []
            if not keep_below or not any(line.strip() for line in below):
                return None
            rest = _strip(below, depth + 1) if depth < _DEEPEST else below
            return [*note, "", *_unmarked(rest)] if note else _unmarked(rest)
        return above
    return None


def _unmarked(lines: list[str]) -> list[str]:
    """Apple and others mark every line of a forwarded mail as quoted."""
    written = [line for line in lines if line.strip()]
    if written and all(QUOTED.match(line) for line in written):
        return [re.sub(r"^ ?> ?", "", line) for line in lines]
    return lines


def _history(lines: list[str], index: int) -> tuple[int, bool] | None:
    """(index after the mark, whether what follows may be a forwarded complaint) if a history begins at `index`."""
    line = lines[index]
    if ABOVE_THIS_LINE.fullmatch(line):
        return index + 1, False
    forwarded = FORWARD.fullmatch(line)
    original = None if forwarded else ORIGINAL.fullmatch(line)
    if forwarded or original or RULE.fullmatch(line):
        return _after_separator(lines, index, strong=bool(forwarded) or bool(original and original.group("dashes")))
    block = header_block(lines, index) if not index or not is_header_line(lines[index - 1]) else None
    if block is not None and _is_copied(block, separated=False):
        return block.end, True
    end = attribution_end(lines, index)
    if end is None or _answered_below(lines, end):
        return None
    return end, False


def _after_separator(lines: list[str], index: int, *, strong: bool) -> tuple[int, bool] | None:
    """A separator with the header or the attribution that follows it; a mere rule needs one to mean anything."""
    following = next((at for at in range(index + 1, min(index + 4, len(lines))) if lines[at]), None)
    if following is not None:
        if QUOTED.match(lines[following]) and strong:
            lines = [re.sub(r"^ ?> ?", "", line) for line in lines]
            following = next((at for at in range(following, min(following + 3, len(lines))) if lines[at]), following)
        block = header_block(lines, following)
        if block is not None and _is_copied(block, separated=True):
            return block.end, True
        end = attribution_end(lines, following)
        if end is not None and strong:
            return end, True
    return (index + 1, True) if strong else None


def _is_copied(block: HeaderBlock, *, separated: bool) -> bool:
    """Whether a mail program wrote the block. `Dari, Kepada, Perihal` alone is how a citizen heads a letter."""
    if "from" not in block.kinds:
        return False
    return len(block.kinds) >= 2 if separated else len(block.kinds) >= 3 and "date" in block.kinds and block.certain


def _answered_below(lines: list[str], start: int) -> bool:
    """Whether quoted lines follow an attribution: then they are dropped one by one, and answers below them stay."""
    return next((bool(QUOTED.match(line)) for line in lines[start:] if line), False)


def _says_something(above: list[str], *, keep_below: bool) -> bool:
    text = "\n".join(above).strip()
    if not text:
        return False
    kept = strip_signature(text).strip()
    if keep_below and len(kept) < 300 and _PASSING_ON.fullmatch(kept) and _DIRECTIVE.search(kept):
        return False
    return any(line.strip(" -_*>|") and not is_device_line(line) for line in text.split("\n"))


def _without_quoted_lines(original: list[str], lines: list[str]) -> list[str]:
    """The lines that are not quoted and introduce no quotation."""
    attributed = [end for index in range(len(lines)) if (end := _introduction(lines, index)) is not None]
    dropped: set[int] = set()
    for index in range(len(lines)):
        end = _introduction(lines, index) if attributed else None
        if end is not None:
            dropped.update(range(index, end))
    index = 0
    while index < len(lines):
        if not QUOTED.match(lines[index]):
            index += 1
            continue
        end = index
        while end < len(lines) and QUOTED.match(lines[end]):
            end += 1
        if attributed or not _is_own_list(lines, index, end):
            dropped.update(range(index, end))
        index = end
    return [line for index, line in enumerate(original) if index not in dropped]


def _introduction(lines: list[str], index: int) -> int | None:
    """The end of an attribution at `index` that quoted lines follow."""
    if not lines[index] or QUOTED.match(lines[index]):
        return None
    end = attribution_end(lines, index)
    return end if end is not None and _answered_below(lines, end) else None


def _is_own_list(lines: list[str], start: int, end: int) -> bool:
    """Whether lines with `>` are the citizen's own: a quantity, or a list that a colon announces."""
    if all(QUANTITY.match(line) for line in lines[start:end]):
        return True
    before = next((lines[at] for at in range(start - 1, -1, -1) if lines[at]), "")
    return before.endswith(":") and not _SPEAKS.search(before) and not lines[start].lstrip(" >").startswith(">")
