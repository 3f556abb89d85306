"""Identities made of letters: e-mail addresses in all spellings, social accounts, names that their bearers tell."""

import re
from collections.abc import Iterable, Iterator

from normalizer.understanding.guarded import letters_in
from normalizer.understanding.identity import Sought
from normalizer.understanding.people import EMAIL
from normalizer.understanding.words import SPELLINGS, word_set

_ENDINGS = r"(?:com|co|org|net|id|go|or|ac|sch|info|example|test)"
_DOMAIN = rf"[\w-]{{2,63}}(?:\.[\w-]{{2,63}}){{0,2}}(?:[.,]{_ENDINGS}){{1,2}}"
_SPOKEN_DOMAIN = rf"[\w-]{{2,63}}(?:\s?[\[({{]?(?:dot|titik)[\])}}]?\s?{_ENDINGS}){{1,2}}"
_LOOSE_DOMAIN = rf"[\w-]{{2,63}}(?:\s?\.\s?{_ENDINGS}){{1,2}}"
_AT = r"\s?[\[({<](?:at|et|a|@)[\])}>]\s?"
_ODD_EMAIL = re.compile(
    rf"(?<![\w.+%-])[\w.+%-]{{2,64}}(?:"
    rf"(?:\s?@\s?|{_AT})(?:{_SPOKEN_DOMAIN}|{_DOMAIN}|{_LOOSE_DOMAIN})"
    rf"|\s(?:at|et)\s(?:{_SPOKEN_DOMAIN}|{_DOMAIN})"
    r"|\s?@\s?(?:gmail|yahoo|ymail|hotmail|outlook|icloud|rocketmail|proton(?:mail)?)"
    r")(?!\w)",
    re.IGNORECASE,
)
_MAY_BE_EMAIL = re.compile(r"@|[\[({<](?:at|et|a)[\])}>]|\s(?:at|et)\s", re.IGNORECASE)

_AT_WORDS = word_set("at et a")
_NETWORKS = r"(?:ig|insta(?:gram)?|fb|facebook|twitter|tiktok|threads|tele(?:gram)?|youtube|snapchat|line)"
_NETWORK_WORDS = word_set(
    "ig insta instagram fb facebook twitter tiktok threads tele telegram youtube snapchat line"
    " ignya instanya instagramnya fbnya facebooknya twitternya tiktoknya threadsnya telenya telegramnya youtubenya"
    " snapchatnya linenya"
)
_PAGE = re.compile(r"\b(?:fb|facebook)(?:nya)?[ \t]*[:=]?[ \t]+(?-i:(?=[A-Z][a-z]+[ \t]+[A-Z]))", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.@/])@[\w](?:[\w.]{1,28}\w)")
_NAMED_HANDLE = re.compile(
    rf"\b{_NETWORKS}(?:\s?nya)?(?:\s+(?:saya|pelaku|dia))?\s*(?:[:=]\s*([\w](?:[\w.]{{2,28}}\w))|\s([a-z]\w*[._\d][\w.]*\w))(?![\w@])",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"(?<![\w.-])(?:www\.|m\.)?(?:instagram|facebook|fb|tiktok|twitter|x|threads|youtube|t|wa)\.(?:com|me|net)/(@?[\w.+-]{3,40})",
    re.IGNORECASE,
)
_NO_PROFILE = word_set(
    """
p reel reels watch share groups story stories photo photos permalink permalink.php profile.php story.php
sharer sharer.php video videos joinchat tv status hashtag explore events pages message send channel playlist
shorts
"""
)
_INSTITUTION = re.compile(
    r"dinas|pemkot|pemkab|pemprov|pemda|pemerintah|polda|polres|polsek|polri|divhumas|humas|pdam|perumda|kemen|kominfo|bpjs|telkom|"
    r"indihome|official|resmi|lapor|satpol|samsat|dprd|bawaslu|ombudsman|kelurahan|kecamatan|puskesmas|rsud|bmkg|basarnas|bnpb|"
    r"bpbd|damkar|transjakarta|dishub|disdik|disduk|disnaker|dispora|dispar|disperin|dinsos|dinkes|dukcapil|bapenda|jakarta|"
    r"gubernur|walikota|bupati|jokowi|presiden|sekolah|kantor|layanan|halo|info|admin|"
    r"(?:^|[._@])(?:pln|kpu|dlh|dpu|pupr|kota|kab|prov|kel|kec|desa|rt|rw|min|all|semua|everyone|krl|kai|mrt|tj|sdn|smpn|sman|dki)"
    r"(?:$|[._\d])",
    re.IGNORECASE,
)

_OF_MINE = r"(?:anak|istri|isteri|suami|ibu|bapak|ayah|adik|kakak|orang\s?tua)"
_TELLS_NAME = re.compile(
    r"\b(?:perkenalkan[,:]?\s+(?:saya|sy)\b,?|dengan\s+(?:saya|sy)\b(?-i:(?=\s+[A-Z]))|saya\s+(?:yang\s+)?bernama"
    r"|\bini\s+dengan(?=\s+(?:ibu|bu|bapak|pak|mas|mbak)\b)"
    rf"|nama\s+(?:{_OF_MINE}\s+)?(?:saya|sy|aku|gue)(?:\s+(?:adalah|yaitu)|\s*[:=])?|nama\s*ku|a\.\s?n\.?|a/n\.?"
    r"|(?<!\d)an\.(?-i:(?=\s*[A-Z]))|(?<=\0 )an(?-i:(?=\s+[A-Z]))|atas\s+nama"
    rf"|nama(?:\s+(?:lengkap|pelapor|pemohon|pasien|siswa|korban|pelanggan|pemilik|nasabah|{_OF_MINE}))?\s*[:=])[ \t]*",
    re.IGNORECASE,
)
_NAME_HINTS = ("nama", "ini dengan", "a.n", "a. n", "a/n", "an.", "kenalkan", "dengan s")
_SIGNED = re.compile(
    r"(?i:hormat\s+(?:saya|kami)|salam(?:\s+hormat)?|terima\s?kasih|makasih|wassalam\w*|ttd|tertanda|pelapor)"
    r"[ \t]*[,.:]?\s*\n\s*\(?"
    r"((?:[A-Z][\w'’.]*[ \t]*){1,4})\)?[ \t]*(?=\n|$)",
)
_SIGNED_BESIDE = re.compile(
    r"\b(?:(?i:hormat\s+(?:saya|kami)|salam\s+hormat|wassalam|ttd|tertanda)[ \t]*[,:.]"
    r"|(?i:pelapor|pengirim|dari)[ \t]*:)[ \t]*\(?"
    r"((?:[A-Z][\w'’.]*[ \t]*){1,4})\)?[ \t]*(?=\n|$)",
)
"""`Hormat saya, Andi Pratama`: on one line, which ends with it."""
_SIGNED_HINTS = ("hormat", "salam", "ttd", "tertanda", "pelapor", "pengirim", "dari:", "dari :")
_I_AM = re.compile(
    r"\b[Ss]aya,?[ \t]+((?:[A-Z][a-z'’]+[ \t]?){1,4})"
    r"(?=[ \t]*(?:[,.(]|\b(?:dari|warga|umur|usia|alamat|nik|NIK|hp|HP|selaku|tinggal)\b))"
)
_NAME_WORD = re.compile(r"[ \t]*(?:([A-Za-z][\w'’]*)\.?)(?:[ \t]*-[ \t]*(?=[A-Za-z]))?")
_TITLES = word_set("h hj dr drs ir bpk bapak ibu bu pak sdr sdri tn ny mas mbak kh prof")
_NO_NAME = (
    frozenset(SPELLINGS)
    | frozenset(SPELLINGS.values())
    | word_set(
        """
karang taruna ikatan forum paguyuban remaja komunitas panitia takmir dkm pkk lpmk tim redaksi pimpinan direksi
adalah ada alamat warga masyarakat penduduk rakyat nik kk hp wa nomor telepon telp email umur usia tinggal
selaku sebagai ketua pengurus perwakilan seluruh semua para anggota keluarga orang tua wali istri suami anak
adik kakak ayah almarhum masih ingin mohon minta tanya izin melapor lapor dicoret dihapus tercantum terdaftar
tercatat terdata hilang salah keluar masuk muncul dipakai dicatut disebut diganti diubah diambil dirahasiakan
dan atau yang di ke dari untuk jangan bukan pernah juga kok kenapa mengapa apakah akan telah harus perlu
tolong usaha toko pt cv ud dinas kantor pemerintah kelurahan kecamatan desa dusun kampung perumahan komplek
jalan gang blok rt rw sekolah guru siswa murid mahasiswa pelajar pegawai karyawan buruh petani nelayan
pedagang sopir ojek pensiunan janda lansia penyandang korban pelapor pemilik penghuni pengguna pelanggan
pasien kepala lurah camat sendiri sama beda berbeda double ganda lama baru asli kosong samaran lengkap
panggilan terima kasih sekian demikian sangat sudah belum kecewa heran bingung bertanya mengadu ucapkan
berterima setuju usul mengusulkan nya itu ini saat hari tadi kemarin malam pagi siang sore bersama mewakili
atas nama hormat kami jadi tapi tetapi sehingga karena kalau supaya agar muslim kristen islam hindu buddha
katolik tionghoa jawa sunda bugis admin user anonim tidak
"""
    )
)
_VERB = re.compile(r"(?:di\w{5,}|ter\w{4,}|ber\w{4,}|me[mn]\w{4,})(?:kan|i)?$")


def find_emails(sought: Sought) -> None:
    """Take e-mail addresses, also spoken ones."""
    if "@" not in sought.text and (
        _AT_WORDS.isdisjoint(letters_in(sought.text)) or not _MAY_BE_EMAIL.search(sought.text)
    ):
        return
    for pattern in (EMAIL, _ODD_EMAIL):
        for match in pattern.finditer(sought.text):
            sought.take(*match.span(), "surel")


def find_accounts(sought: Sought) -> None:
    """Take people's social accounts; those of institutions stay."""
    if ".me/" in sought.small or ".com/" in sought.small or ".net/" in sought.small:
        for match in _PROFILE.finditer(sought.text):
            name = match[1]
            if name.casefold() not in _NO_PROFILE and not _INSTITUTION.search(name):
                sought.take(*match.span(1), "telepon" if name.lstrip("+").isdigit() else "akun")
    if "@" in sought.text:
        for match in _HANDLE.finditer(sought.text):
            if not _INSTITUTION.search(match[0]):
                sought.take(*match.span(), "akun")
    if not _NETWORK_WORDS.isdisjoint(letters_in(sought.text)):
        _find_named_pages(sought)
        for match in _NAMED_HANDLE.finditer(sought.text):
            number = 1 if match[1] else 2
            if not _INSTITUTION.search(match[number]) and not match[number].isdigit():
                sought.take(*match.span(number), "akun")


def _find_named_pages(sought: Sought) -> None:
    """Facebook's users are called by their names."""
    for match in _PAGE.finditer(sought.text):
        end = _end_of_name(sought.text, match.end())
        if end > match.end() and not _INSTITUTION.search(sought.text[match.end() : end]):
            sought.take(match.end(), end, "akun")


def find_told_names(sought: Sought) -> None:
    """Take names that a text introduces as such: "nama saya …", "a.n. …", "Nama: …", a signature."""
    if any(hint in sought.small for hint in _NAME_HINTS) or "\0 an " in sought.text:
        for match in _TELLS_NAME.finditer(sought.text):
            end = _end_of_name(sought.text, match.end())
            if end > match.end():
                sought.take(match.end(), end, "nama")
    patterns = [_SIGNED] if "\n" in sought.text else []
    patterns += [_SIGNED_BESIDE] if any(hint in sought.small for hint in _SIGNED_HINTS) else []
    patterns += [_I_AM] if "saya" in sought.small else []
    for pattern in patterns:
        for match in pattern.finditer(sought.text):
            end = _end_of_name(sought.text, match.start(1))
            if end > match.start(1):
                sought.take(match.start(1), end, "nama")


def find_known_names(sought: Sought, names: Iterable[str]) -> None:
    """Take names that are known from elsewhere."""
    for name in names:
        if _may_stand(name, sought) and (forms := _forms(name)):
            for match in re.finditer(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", sought.text, re.IGNORECASE):
                sought.take(*match.span(), "nama")


def _may_stand(known: str, sought: Sought) -> bool:
    """Whether all long words of a name stand somewhere: most names do not, and building a pattern takes long."""
    if not known.isascii() or "\u017f" in sought.text or "\u0131" in sought.text:
        return True  # letters whose small form is another than that which a pattern takes for the same
    return all(part in sought.small for part in known.lower().split() if len(part) > 3)


def _forms(known: str) -> list[str]:
    whole = [re.escape(part) for part in known.split()]
    # "H. Amin" is also written "Amin"; a single letter alone is nobody's name.
    long = [part for part in whole if len(part) > 3]
    forms = {r"\s+".join(parts) for parts in (whole, long) if sum(map(len, parts)) > 2}
    return sorted(forms, key=len, reverse=True)


def _end_of_name(text: str, start: int) -> int:
    """Where the name that begins here ends; `start` where none does."""
    taken: list[str] = []
    end = start
    for word, after in _name_words(text, start):
        folded = word.casefold()
        if folded in _TITLES and not taken:
            end = after
            continue
        if folded in _NO_NAME or _VERB.fullmatch(folded):
            break
        # Names are written with capitals, or in small letters all through, then two words at most are taken.
        if taken and ((taken[0][0].isupper() and not word[0].isupper()) or (taken[0].islower() and len(taken) >= 2)):
            break
        taken.append(word)
        end = after
        if len(taken) == 4:
            break
    return end if taken else start


def _name_words(text: str, at: int) -> Iterator[tuple[str, int]]:
    while match := _NAME_WORD.match(text, at):
        yield match[1], match.end(1)
        at = match.end()
