"""Numbers that belong to a person or a household: NIK and KK, accounts, cards, meters. A number first, its words then.

A run of digits is looked at together with what stands before and after it: the same twelve digits are a customer's
number after "idpel", a ticket after "tiket", and an amount after "Rp".
"""

import re

from normalizer.understanding.identity import Sought
from normalizer.understanding.people import nik_plausible

_RUN = re.compile(r"(?<!\d)(?<!\d[.,:\-])(?:(?<!\d/)|(?=\d{9}))\d(?:[ .\-]?\d){5,24}(?!\d)(?![.,]\d)")
_GROUP = re.compile(r"\d+")
# What whole runs may be instead: amounts, years, days, hours.
_NOT_ONE = re.compile(
    r"[1-9]\d{0,2}(?:\.\d{3})+(?:[ -][1-9]\d{0,2}(?:\.\d{3})+)*"
    r"|(?:(?:19|20)\d\d[ -]?){2,6}"
    r"|(?:\d{1,2}[ .-])?\d{1,2}[ .-](?:19|20)\d\d(?:[ .-]+\d{1,2}){0,3}(?:[ -]\d{1,2}[ .-]\d{1,2}[ .-](?:19|20)\d\d)?"
    r"|(?:19|20)\d\d[ .-]\d\d[ .-]\d\d(?:[ -]\d\d){0,3}"
    r"|(?:(?:[01]?\d|2[0-4])\.[0-5]\d[ -]?){2,6}"
)
_MONEY_BEFORE = re.compile(
    r"(?:\brp\.?|\bidr|\bsebesar|\bsenilai|\btagihan|\bharga|\bsaldo|\banggaran|\bdana|\bbayar|\bdenda)\s*:?\s*$",
    re.IGNORECASE,
)
_MEASURE_AFTER = re.compile(
    r"\s*(?:,-|,\d\d\b|rupiah|perak|juta|jt\b|ribu|rb\b|mil[iy]ar|jiwa|orang|warga|suara|kk\b|m[23²³]?\b|kwh|kva|watt|liter|km\b)",
    re.IGNORECASE,
)
_NAMED_TICKET = re.compile(
    r"(?:#|\b(?:tiket|ticket|laporan|pengaduan|aduan|track(?:ing)?|resi|antr[ie]an|surat|reg(?:istrasi)?|noreg|pendaftaran|"
    r"npsn|nib|barcode|berkas|agenda|disposisi|invoice|faktur|order|pesanan|booking|proyek|paket|spk|kode|crm|jaki|lapor|"
    r"tgl|tanggal|jam|pukul|tahun|sejak)(?:nya)?\b[^\n\d,;]{0,22})$",
    re.IGNORECASE,
)
_HOLDERS = (
    r"rek(?:ening)?|pel(?:anggan)?|sambungan|meter(?:an)?|kartu|kis|kip|kks|bpjs|peserta|polis|kk|e-?ktp|ktp|nik|pas+port?|"
    r"sim(?:\s+[abc]\b)?|npwp|rm|rekam\s+medis|va|kwh|nisn|nip|nop|imei|stnk|bpkb|nasabah|anggota|pasien|induk"
)
_NAMED = re.compile(
    rf"(?:\b(?:no|nmr|nomor|nomer|id)\.?\s*(?:{_HOLDERS})|\b(?:norek|idpel|nopel|nosam|nosal|rek|rekening|virtual\s+account|va|"
    r"npwp|bpjs|kis|kks|nisn|nip|nik|kk|ktp|paspor|passport|nop|imei|sim\s+[abc]|peserta|pelanggan)|\bkartu)\b\.?[^\n\d]{0,30}$",
    re.IGNORECASE,
)
_HOLDER = re.compile(rf"\b(?:{_HOLDERS}|norek|idpel|nopel|nosam|nosal)\b", re.IGNORECASE)
_LONG_ONLY = re.compile(r"\b(?:kk|ktp|nik|bpjs|kartu|kis|peserta|pelanggan)\b\.?[^\n\d]{0,30}$", re.IGNORECASE)
"""Words that stand beside many small numbers too: only eight digits and more are theirs."""
_PERSONAL = re.compile(r"\b(?:nik|kk|ktp|induk)\b\D*$", re.IGNORECASE)
_BANK = re.compile(
    r"\b(?:bca|bri|bni|btn|bsi|mandiri|cimb|permata|danamon|muamalat|bjb|seabank|bank\s+\w+)\b[^\n\d]{0,25}$",
    re.IGNORECASE,
)
_BANK_AFTER = re.compile(r"\s*\(?(?:bank\s+\w|bca\b|bri\b|bni\b|btn\b|bsi\b|mandiri\b|a\.?n\.?\s+\w)", re.IGNORECASE)
_GLUED = re.compile(r"(?:nik|kk|ktp|rek|no|bpjs)$", re.IGNORECASE)
_IN_A_LINK = re.compile(r"(?:://|www\.)\S*$")
_PATTERNED = re.compile(
    r"(?<![\w.,/-])(?:"
    r"000\d{10}"  # the card of BPJS Kesehatan: thirteen digits
    r"|\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}"  # NPWP
    r"|\d{2}\.\d{2}\.\d{3}\.\d{3}\.\d{3}[-.]\d{4}\.\d"  # NOP, the object of the property tax
    r"|(?:19[4-9]\d|200\d)(?:0[1-9]|1[0-2])[0-3]\d ?(?:19|20)\d\d(?:0[1-9]|1[0-2]) ?[12] ?\d{3}"  # NIP
    r")(?!\w)(?![.,/-]\d)"
)
_PASSPORT = re.compile(r"\bpas+port?\b[^\n\d]{0,20}?\b([A-Z]{1,2} ?\d{6,7})\b", re.IGNORECASE)


def find_numbers(sought: Sought) -> None:
    """Take what is one person's or household's number."""
    for match in _PASSPORT.finditer(sought.text) if "pas" in sought.small else ():
        sought.take(*match.span(1), "nomor")
    for match in _PATTERNED.finditer(sought.text):
        sought.take(*match.span(), "nomor")
    for match in _RUN.finditer(sought.text):
        _decide(sought, match)


def is_amount(sought: Sought, start: int, end: int) -> bool:
    """Whether the words around a number make it an amount of something."""
    if _MONEY_BEFORE.search(sought.line_before(start, 16)):
        return True
    is_short = sum(map(str.isdigit, sought.text[start:end])) <= 12  # "9901… KK 9901…" are no families
    return is_short and _MEASURE_AFTER.match(sought.text, end, end + 12) is not None


def _decide(sought: Sought, match: re.Match[str]) -> None:
    start, end = match.span()
    groups = _GROUP.findall(match[0])
    if (
        len(groups) > 1 and len(groups[0]) >= 9 and sum(map(len, groups)) != 16
    ):  # a number and, after a blank, another one
        end = start + len(groups[0])
        groups = groups[:1]
    elif len(groups) > 1 and (inner := _nik_within(match)):  # after a day, an hour, an RT
        sought.take(*inner, "nik")
        return
    number = sought.text[start:end]
    digits = "".join(groups)
    if end < len(sought.text) and (sought.text[end].isalpha() or sought.text[end] == "_"):
        return
    if _NOT_ONE.fullmatch(number) or is_amount(sought, start, end):
        return
    before = sought.line_before(start, 48)
    if before[-1:].isalpha() and not _GLUED.search(before):
        return
    is_named, is_ticket = bool(_NAMED.search(before)), bool(_NAMED_TICKET.search(before))
    if is_named and not (is_ticket and not _names_last(before)):
        if len(digits) >= 8 or not _LONG_ONLY.search(before):
            sought.take(start, end, "nik" if len(digits) == 16 and _is_personal(before) else "nomor")
    elif len(digits) == 16:
        is_whole = [len(group) for group in groups] in ([16], [4, 4, 4, 4], [6, 6, 4])
        is_other = is_ticket or _IN_A_LINK.search(before) is not None
        if (nik_plausible(digits) and not (is_ticket and digits.startswith("20"))) or (is_whole and not is_other):
            sought.take(start, end, "nik")
    elif len(digits) >= 8 and not is_ticket and not digits.startswith(("08", "628")):
        after = _BANK_AFTER.match(sought.text, end, end + 20)
        if (len(digits) >= 9 and _BANK.search(before)) or (after and len(digits) >= 9):
            sought.take(start, end, "nomor")


def _nik_within(match: re.Match[str]) -> tuple[int, int] | None:
    """Where in a run of more digits than sixteen a plausible NIK stands, from a blank to a blank."""
    spans = [(match.start() + group.start(), match.start() + group.end()) for group in _GROUP.finditer(match[0])]
    if sum(end - start for start, end in spans) <= 16:
        return None
    for first, (start, _) in enumerate(spans):
        total = 0
        for begin, end in spans[first:]:
            total += end - begin
            if total == 16 and nik_plausible(match.string[start:end]) and match.string[start - 1 : start] in ("", " "):
                return start, end
    return None


def _names_last(before: str) -> bool:
    """Of a holder's word and a ticket's, whether the holder's stands nearer to the number."""
    named = max((found.end() for found in _HOLDER.finditer(before)), default=0)
    ticket = _NAMED_TICKET.search(before)
    return ticket is None or named > ticket.start()


def _is_personal(before: str) -> bool:
    return _PERSONAL.search(before) is not None
