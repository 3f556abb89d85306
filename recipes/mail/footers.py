"""What programs and companies write below mails: device lines, disclaimers, antivirus notices, unsubscribe links."""

import re
from typing import Final

_DEVICES: Final = (
    r"(i ?phone|i ?pad|i ?pod|samsung|galaxy|xiaomi|redmi|oppo|vivo|realme|huawei|nokia|asus|lenovo|infinix"
    r"|android|black ?berry|windows"
    r"|outlook|yahoo|gmail|mail|ponsel|telepon|hp|handphone|tablet|perangkat|mobile|phone|smartphone|device"
    r"|nexus|pixel|aol|proton ?mail"
    r"|thunderbird|email|surel|gadget|zimbra|aplikasi)"
)
DEVICE: Final = re.compile(
    r"\W*((dikirim|terkirim|diketik|ditulis|dikirimkan) (dari|melalui|via|dengan|menggunakan|pakai"
    rf"|lewat) .{{0,30}}\b{_DEVICES}\b.{{0,60}}"
    rf"|(sent|typed|written) (from|via|with|using|on|by) .{{0,30}}\b{_DEVICES}\b.{{0,60}}"
    r"|(dapatkan|unduh) (outlook|aplikasi) .{0,30}(android|ios|ponsel|seluler)\b.{0,120}|(get"
    r"|download) outlook for .{0,120}"
    r"|powered by .{0,40}blackberry.{0,10}|yahoo mail: .{0,80}|(sent|dikirim) .{0,20}blackberry.{0,60})",
    re.IGNORECASE,
)
"""A whole line that a telephone or mail program adds."""
_LONGEST_LINE: Final = 250
_MOST_LINES: Final = 60
"""Lines of one footer; a longer paragraph is a text."""

_FOOTER: Final = re.compile(
    r"\W*((bebas|tidak ada|tanpa) virus\.?.{0,60}|virus-free\..{0,80}|(e-?mail|surel|pesan) ini (telah "
    r"|sudah )?(diperiksa|dipindai|bebas)"
    r".{0,40}\b(virus|antivirus|avast|avg|mailscanner)\b.{0,80}|this (e-?mail|message) (has been|was"
    r"|is) (checked|scanned|certified)"
    r".{0,60}\b(virus|virus-free|avast|avg|mailscanner)\b.{0,80}|(scanned|checked|dipindai|diperiksa) (by|for"
    r"|oleh) .{0,60}"
    r"(mailscanner|avast|avg|kaspersky|eset|mcafee|norton|viruses).{0,60}|<?https?://www\.(avast|avg)\.\S+|www\.(avast|avg)\.com.{0,60}"
    r"|berhenti berlangganan.{0,120}|(untuk |klik .{0,20})?(berhenti|membatalkan) (berlangganan|langganan).{0,160}"
    r"|(to )?unsubscribe\b.{0,160}|(if you (no longer|do not) (wish|want) to receive).{0,200}"
    r"|(anda|kamu) menerima (e-?mail|surel|pesan) ini karena.{0,200}|you (received"
    r"|are receiving) this (e-?mail|message) because.{0,700}"
    r"|to (view|post to) this (discussion|group).{0,200}|for more options,? visit.{0,120}|(kunjungi"
    r"|lihat) (grup|diskusi) ini.{0,160}"
    r"|(please )?(consider|think (of|about)) the environment before print.{0,80}"
    r"|(mohon |harap )?(pertimbangkan|pikirkan|jaga) (kelestarian )?lingkungan.{0,20}(sebelum"
    r"|dengan tidak) mencetak.{0,80}"
    r"|(selamatkan|lindungi) (bumi|hutan|lingkungan).{0,60}(cetak|kertas).{0,60})",
    re.IGNORECASE | re.DOTALL,
)
_DISCLAIMER_HEAD: Final = re.compile(
    r"\W*(disclaimer|confidentiality( notice)?|sanggahan|penyangkalan|pernyataan kerahasiaan"
    r"|pemberitahuan kerahasiaan|legal notice)\W*",
    re.IGNORECASE,
)
_ABOUT_THIS_MAIL: Final = re.compile(
    r"\b(pesan|surel|surat elektronik|e-?mail|lampiran\w*|transmisi|message|attachments?|communication|transmission)\b",
    re.IGNORECASE,
)
_SIGNS: Final = (
    re.compile(r"\b(rahasia|kerahasiaan|confidential\w*|privileged|hak istimewa|dilindungi)\b", re.IGNORECASE),
    re.compile(
        r"\b(penerima|recipients?|addressee|intended|ditujukan|dimaksud(kan)?|named above|individual or entity)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(hapus|menghapus\w*|musnahkan|delete|destroy|menyebar\w*|disebar\w*|menyalin|disclos\w*|disseminat\w*|distribut\w*"
        r"|copying|dilarang|prohibited|kesalahan|in error|notify the sender|memberitahu\w* pengirim"
        r"|hubungi pengirim|tanggung jawab"
        r"|liab\w+|pandangan|views)\b",
        re.IGNORECASE,
    ),
)


def is_disclaimer(paragraph: str) -> bool:
    """Whether a paragraph speaks of the mail itself: who may read it, that it is confidential, what is forbidden."""
    if _DISCLAIMER_HEAD.fullmatch(paragraph):
        return True
    signs = sum(1 for sign in _SIGNS if sign.search(paragraph))
    headed = _DISCLAIMER_HEAD.match(paragraph) is not None
    return bool(_ABOUT_THIS_MAIL.search(paragraph)) and signs >= (2 if headed else 3)


def is_device_line(line: str) -> bool:
    """Whether a telephone or a mail program wrote the line."""
    return len(line) <= _LONGEST_LINE and DEVICE.fullmatch(line.strip()) is not None


def strip_footers(lines: list[str]) -> list[str]:
    """`lines` without device lines, and without footers and disclaimers at the end, however long they are."""
    kept = [line for line in lines if not is_device_line(line)]
    while True:
        start = _last_paragraph(kept)
        if start is None:
            return kept
        end = len(kept)
        cut = next((at for at in range(start, end) if _is_footer(kept[at:end])), None)
        if cut is None:
            return kept
        kept = kept[:cut]
        while kept and (not kept[-1].strip() or re.fullmatch(r"\s*([-_=*~#])\1{2,}\s*", kept[-1])):
            kept.pop()


def _last_paragraph(lines: list[str]) -> int | None:
    """Index of the first line of the last paragraph."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if not end:
        return None
    start = end - 1
    while start > end - _MOST_LINES and start and lines[start - 1].strip():
        start -= 1
    return start


def _is_footer(lines: list[str]) -> bool:
    """Whether the lines, all of them, are one footer; a disclaimer must not begin in the middle of a sentence."""
    text = " ".join(line.strip() for line in lines if line.strip())
    if not text or len(text) > 4000:
        return False
    if _FOOTER.fullmatch(text):
        return True
    return is_disclaimer(text) and (bool(re.match(r"\W*[A-Z(*]", text)) or len(lines) == 1)
