"""From bytes to text, whatever charset a mail claims, without ever failing."""

import codecs
import re
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}")
_NOT_FOR_MAIL: Final = frozenset(
    {"idna", "punycode", "undefined", "unicode_escape", "unicode-escape", "raw_unicode_escape", "raw-unicode-escape"}
)
"""Python's own codecs that no mail is written in: some are quadratic, some raise warnings."""
_ALIASES: Final = {
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8-sig": "utf-8",
    "unknown-8bit": "utf-8",
    "iso-8859-1": "cp1252",  # browsers read it so, because mails claim Latin 1 and mean the Windows page
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "x-unknown": "utf-8",
    "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
    "windows-31j": "cp932",
    "x-sjis": "cp932",
    "x-ms-cp932": "cp932",
    "shift_jis": "cp932",
    "x-euc-jp": "euc-jp",
    "gb2312": "gb18030",  # each is part of the next, and mails name the smallest
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cn-gb": "gb18030",
    "x-x-big5": "big5",
    "cn-big5": "big5",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "x-mac-roman": "mac-roman",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "ansi": "cp1252",
}
_NOISE: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_UNSAFE: Final = re.compile("[\x00\ud800-\udfff]")
_JAPANESE: Final = re.compile(rb"\x1b\$[@B]")
"""The shift into two-byte letters, which mails of old programs hold without naming the charset."""
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def clean(text: str) -> str:
    """`text` with NUL and lone surrogates replaced by U+FFFD, so that it can be stored and sent as UTF-8 JSON."""
    return _UNSAFE.sub("\ufffd", text)


def reads_as_text(data: bytes, *, strictly: bool = False) -> bool:
    """Whether bytes of an unknown charset hold words rather than a picture, an archive, or a cipher.

    `strictly`: only as UTF-8, since any bytes at all are letters of some older charset.
    """
    try:
        text = data.decode() if strictly else decode(data)
    except UnicodeDecodeError:
        return False
    noise = len(_NOISE.findall(text))
    return noise * 20 <= len(text) and _LETTER.search(text) is not None


def known_charset(name: str | None) -> str | None:
    """Python's name of a charset as a mail names it; None for one that is unknown or no charset of mail."""
    if name is None:
        return None
    found = _NAME.search(name)
    if found is None:
        return None
    wanted = found.group().rstrip(".:-_").lower()
    wanted = _ALIASES.get(wanted, wanted)
    if wanted in _NOT_FOR_MAIL:
        return None
    try:
        info = codecs.lookup(wanted)
        b"a".decode(info.name)
    except UnicodeDecodeError:  # a charset of wider units
        return info.name
    except LookupError:  # unknown, or a codec that turns bytes into bytes, such as hex
        return None
    return info.name


def decode(data: bytes, charset: str | None = None) -> str:
    """Text of `data`: the claimed charset when it is known and fits, else UTF-8, else Windows-1252. Never raises.

    UTF-8 with a few broken bytes stays UTF-8, since reading all of it as Windows-1252 would spoil every other letter.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return clean(data[len(bom) :].decode(encoding, errors="replace"))
    claimed = known_charset(charset)
    if claimed is None and _JAPANESE.search(data):
        claimed = "iso2022_jp"
    # What happens to be UTF-8 is no accident, though a program says Latin 1 of everything.
    for encoding in ("utf-8" if claimed == "cp1252" else claimed or "utf-8", claimed or "utf-8", "utf-8"):
        try:
            return clean(data.decode(encoding))
        except (UnicodeError, ValueError):
            continue
    if claimed is not None and claimed not in ("utf-8", "cp1252"):
        # Half of a letter at the end of a multi-byte text: most of it is readable.
        lenient = data.decode(claimed, errors="replace")
        if lenient.count("\ufffd") * 20 <= len(lenient):
            return clean(lenient)
    lenient = data.decode("utf-8", errors="replace")
    broken = lenient.count("\ufffd")
    whole = sum(1 for letter in lenient if letter > "\x7f") - broken
    return clean(lenient if whole > broken else data.decode("cp1252", errors="replace"))
