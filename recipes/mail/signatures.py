"""Signatures, device lines, disclaimers and footers cut off the end of a mail's text.

In doubt nothing is cut: a signature left in a complaint costs a reader a second, a cut sentence costs the citizen.
"""

import re
from typing import Final

from recipes.mail.footers import is_device_line, strip_footers

_THANKS: Final = (
    r"(demikian(lah)?( (laporan|pengaduan|surat|keluhan|informasi|aduan)?( ini)?( (saya|kami))?)?( (sampaikan"
    r"|disampaikan))?,? ?)?"
    r"(atas (perhatian|bantuan|tanggapan|tindak lanjut|kerja ?sama)( dan \w+)?(nya)?( (bapak|ibu|bapak/ibu|anda))?,? "
    r"((saya|kami) )?(ucapkan|sampaikan|haturkan)? ?)?"
    r"(terima ?kasih|terimakasi|trima ?kasih|makasih?|mksh|trims|thx|tks|tq|thanks?( you)?|many thanks"
    r"|matur (se)?(mbah )?nuwun|suwun"
    r"|hatur nuhun|syukron)( (banyak|sebelumnya|sekali|atas .{1,40}|pak|bu|in advance|before|so much|very much))?"
)
_CLOSING: Final = re.compile(
    rf"\W*({_THANKS}|(dengan )?hormat (saya|kami|hormat)|hormat(ku)?|salam( (hormat|hangat|sejahtera|takzim"
    rf"|kenal|saya|kami|dari .{{1,30}}))?"
    r"|wass?alam(u'?alaikum.{0,40}|mualaikum.{0,40})?|wassalamu ?alaikum.{0,40}|wslm|wss|ttd|tertanda|pelapor"
    r"|(yang )?(melapor(kan)?|mengadu(kan)?)|(best|kind|warm|with kind)? ?regards?|(yours? )?(sincerely"
    r"|faithfully|truly)( yours)?|cheers|best"
    r"|br|rgds)((\W|\bdan\b|\band\b)*+(salam( hormat)?|hormat (saya|kami)|wassalam\w*"
    r"|regards))?[\s,.!:;*~\-—🙏🙂😊🙇]*",
    re.IGNORECASE,
)
_ENDS_IN_THANKS: Final = re.compile(rf".*[.!?,;]\s*{_THANKS}[\s.!,🙏]*", re.IGNORECASE)
_GOES_ON: Final = re.compile(
    r"\W*(p\.?s\.?|n\.?b\.?|nb|catatan|tambahan|note|lokasi\w*|tkp|lok|patokan|kejadian|kronologi\w*|bukti|foto|link|tanggal|waktu|jam"
    r"|sebelumnya|selain itu|oh ya|satu lagi|juga|untuk|mohon|tolong)\b",
    re.IGNORECASE,
)
_SENTENCE_WORD: Final = frozenset(
    re.findall(
        r"\w+",
        "yang tidak tdk gak ga nggak belum blm sudah sdh sejak telah akan agar supaya "
        "karena karna krn juga masih mohon tolong harap segera semoga lampu jalan sampah banjir rusak "
        "mati air listrik got selokan macet bau ada adalah ini itu kalau jika tapi tetapi "
        "saya kami kita mau minta lapor bisa dapat harus jangan kenapa mengapa kapan bagaimana is "
        "are was has not please the we ",
    )
)
_PLACE: Final = re.compile(
    r"\b(rt|rw|jl|jln|jalan|gg|gang|blok|kel|kelurahan|kec|kecamatan|desa|dusun|dsn|kampung|kp|perum|perumahan|komplek|kompleks"
    r"|kab|kabupaten)\b[\s.:/]*\w",
    re.IGNORECASE,
)
_NAMED_PLACE: Final = re.compile(
    r"\b(?i:rt|rw|jl|jln|gg|kel|kec|kab)\b[\s.:/]*\w|\b(?i:jalan|gang|blok|kelurahan|kecamatan|desa|dusun|kampung|perum|perumahan"
    r"|komplek|kompleks|kabupaten)\b[\s.:/]*[A-Z0-9]"
)
"""Stricter, for a complaint: `jalan rusak` is no place, `Jalan Mawar` is."""
_TITLE: Final = re.compile(
    r"\W*(ketua|sekretaris|bendahara|lurah|camat|kepala|kasi|kabid|staf|staff|manager|manajer|direktur|warga|tokoh|pengurus|koordinator)\b",
    re.IGNORECASE,
)
_CONTACT: Final = re.compile(
    r"(\+?\d[\d\s().\-/]{6,}\d)|\S+@\S+\.\S+|(https?://|www\.)\S+"
    r"|^\W*(telp?|telepon|tlp|hp|no\.?|nomor|wa|whatsapp|mobile|phone|tel|fax|faks?|e-?mail|surel|web|website|nik|ktp|ig|m|t|f|e|w|p)\b\s*[.:/]",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"\s*([-_=*~—–])\1{2,}\s*")
_LONG: Final = 400
"""Characters from which a text is long: then a signature may be no more than about a third of it."""
_MOST_LINES: Final = 12
_MOST_ROUNDS: Final = 5


def strip_signature(text: str) -> str:
    """`text` without the signature, device line, disclaimer and footers at its end.

    A closing counts only when nothing but names, titles and contacts follows it. A line with a place is kept when it is
    the only one that says where. When nothing would remain, or there is nothing to cut, the text comes back as it was.
    """
    lines = text.split("\n")
    remaining = lines
    for _ in range(_MOST_ROUNDS):
        before = remaining
        remaining = strip_footers(remaining)
        remaining = _without_separated(remaining)
        remaining = _without_closing(remaining)
        remaining = _trimmed(remaining)
        if remaining == before or not remaining:
            break
    if remaining == _trimmed(lines) or not any(line.strip() for line in remaining):
        return text
    return "\n".join(remaining).strip("\n")


def _trimmed(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def _too_much(lines: list[str], start: int) -> bool:
    whole = len("\n".join(lines).strip())
    cut = len("\n".join(lines[start:]).strip())
    return whole >= _LONG and cut * 3 > whole


def _without_separated(lines: list[str]) -> list[str]:
    """Cut at `-- `, or at a bare `--` or rule when only a signature's lines follow."""
    for index in range(max(0, len(lines) - _MOST_LINES * 4), len(lines)):
        line = lines[index]
        if line.strip() not in ("--", "—") and not (index and _RULE.fullmatch(line)):
            continue
        below = [one for one in lines[index + 1 :] if one.strip()]
        if len(below) > _MOST_LINES or _too_much(lines, index) or not any(one.strip() for one in lines[:index]):
            continue
        standard = line.rstrip("\r") == "-- "
        if standard and not any(_GOES_ON.match(one) for one in below):
            return _kept(lines, index, index + 1)
        if all(_is_signature_line(one) for one in below):
            return _kept(lines, index, index + 1)
    return lines


def _without_closing(lines: list[str]) -> list[str]:
    """Cut from the earliest closing of the last lines after which only a signature's lines stand."""
    written = [index for index, line in enumerate(lines) if line.strip()]
    for index in written[-_MOST_LINES - 2 :]:
        below = [lines[at] for at in written if at > index]
        if len(below) > _MOST_LINES or not all(_is_signature_line(one) or _is_closing(one) for one in below):
            continue
        if _is_closing(lines[index]):
            if index == written[0] or _too_much(lines, index):
                continue
            return _kept(lines, index, index + 1)
        if below and _ENDS_IN_THANKS.fullmatch(lines[index][-200:]) and not _too_much(lines, index + 1):
            return _kept(lines, index + 1, index + 1)
    return lines


def _is_closing(line: str) -> bool:
    return len(line) < 120 and _CLOSING.fullmatch(line) is not None


def _kept(lines: list[str], cut: int, signature: int) -> list[str]:
    """The lines above `cut`, and of the signature the place, if the text above names none."""
    above = lines[:cut]
    if any(_NAMED_PLACE.search(line) for line in above):
        return above
    places = [
        line
        for line in lines[signature:]
        if _PLACE.search(line) and not _TITLE.match(line) and not _CONTACT.search(line)
    ]
    return [*_trimmed(above), *places] if places else above


def _is_signature_line(line: str) -> bool:
    """A name, a title, an office, a contact or an address: short, and no sentence."""
    bare = line.strip(" \t*_|,.-–—•~\"'()[]🙏😊")
    if not bare or is_device_line(line) or _RULE.fullmatch(line):
        return True
    if _GOES_ON.match(bare) or len(bare) > 90 or bare.endswith(("?", "!")):
        return False
    if re.fullmatch(r"\s*[\"“”'*_].{3,80}[\"“”'*_]\s*", line):  # a motto
        return True
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", bare)]
    if _CONTACT.search(bare):
        return len(words) <= 9 and not set(words) & (_SENTENCE_WORD - {"jalan"})
    if _PLACE.search(bare):
        return len(words) <= 12 and not set(words) & (_SENTENCE_WORD - {"jalan"})
    named = [word for word in re.findall(r"[^\W\d_]+", bare) if word[0].isupper()]
    looks_named = len(words) <= 2 or len(named) * 2 >= len(words)
    return len(words) <= 7 and looks_named and not set(words) & _SENTENCE_WORD and not re.search(r"\d[.:]\d\d", bare)
