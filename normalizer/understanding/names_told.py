"""The name by which the writer of a text calls themselves: `nama saya …`, `a.n. …`, a signature."""

import re
from collections.abc import Iterator

from normalizer.understanding.guarded import Guarded, letters_in
from normalizer.understanding.words import word_set

_TOLD = Guarded(
    r"\bnama\s*(?:(?:saya|sy|sya|aku|gue|lengkap|pelapor|pengadu)\b|ku\b)?(?:\s*(?:adalah|yaitu)\b)?"
    r"\s*(?P<colon>[:=])?[ \t]*"
    r"|\b(?:saya|sy|aku)\s+bernama[ \t]+|\bperkenalkan,?\s+(?:nama\s+)?(?:saya|sy|aku)[ \t,:]+"
    r"|\ba\.\s?n\.?[ \t]*|\ba/n\.?[ \t]*|\batas\s+nama[ \t]+|\bpelapor\b\s*[:=]?[ \t]*",
    "nama namaku bernama perkenalkan a pelapor",
)
_SAYS_WHOSE = re.compile(r"nama\s*(?:saya|sy|sya|aku|gue|lengkap|pelapor|pengadu|ku)\b", re.IGNORECASE)
_CLOSED = Guarded(
    r"\b(?:hormat\s+(?:saya|kami)|(?:was)?salam\w*(?:\s+hormat)?|terima\s?kasih|terimakasih|makasih|trims|ttd|tertanda)"
    r"[ \t]*[,.:!]?[ \t]*(?:\n\s*(?:ttd\.?|tertanda)[ \t]*[,.]?)?\s*\n\s*\(?",
    "hormat salam wassalam wassalamualaikum assalam terima terimakasih makasih trims ttd tertanda",
)
_WORD = re.compile(r"[ \t]*(?P<word>[^\W\d_]+(?:['’`-][^\W\d_]+)*)(?P<dot>\.)?")
_HONORIFICS = word_set("h hj dr drs dra ir bpk bapak ibu bu pak sdr sdri tn ny mas mbak mba kh prof saudara saudari")
_PARTICLES = word_set("bin binti al el van de dos da ibn bt")
_NO_NAME = word_set("""
    ada adalah admin agama agar air aja akan aku alamat anak anda anggota apa asal atau bagi banjir bapak barang
    bekerja belum blm bu bukan bukannya cuma cv dan dari dengan desa dgn di dia dinas dirahasiakan disana disebut
    disini dobel double dusun email ga gak ganda gang guru hanya hilang hormat hp ibu ingin ini instansi istri itu
    jabatan jadi jalan jangan jenis jg jl jln juga justru kabupaten kak kalau kalo kami kampung kantor karang karena
    kasih ke kecamatan kelas keliru keluar keluarga kelurahan kemarin kena kenapa kerja ketua kita kk kok kota krn
    ktp lagi lahir lain lampiran lampu lapor lg listrik malah mana masih masuk masyarakat mau melapor melaporkan
    mengadu mengeluhkan mengurus menulis menyampaikan mereka min minta mohon muncul nama nggak nik no nomor nya oleh
    orang pada pak para pasien pegawai pekerjaan pelanggan pelapor pemerintah pemkab pemkot penduduk pengadu
    pengurus pernah perusahaan perwakilan petugas petugasnya produk pt rakyat rt rumah rumahku rw saja salah salam
    sama sampah sana saya sd sdh sdn sebagai sejak sekolah selaku selalu seluruh semua sering siapa sini siswa sma
    smk smp status suami sudah sy tadi tapi taruna tdk telepon telp tempat terima terlampir tersebut terus tetap
    tidak tinggal toko tolong tp ttl ud umur untuk usaha usia utk wa warga yang yg
""")
_PASSIVE = re.compile(r"(?:di|ter|ber)[a-z]{4,}")
"""In lower case hardly a name: `nama saya dicoret`."""
_LONGEST = 5


def names_in(text: str) -> list[str]:
    """The names that the writer tells as their own, as written, without titles; each once, in order."""
    said = letters_in(text)
    found = [name for name in (*_told(text, said), *_closed(text, said)) if name]
    return list(dict.fromkeys(found))


def _told(text: str, said: frozenset[str]) -> Iterator[str | None]:
    for match in _TOLD.finditer(text, said):
        if match[0].lower().startswith("nama") and not (match["colon"] or _SAYS_WHOSE.match(match[0])):
            continue  # "nama jalan", "nama petugasnya"
        before = text[max(0, match.start() - 6) : match.start()].lower()
        if match[0].lower().startswith("nama") and before.endswith(("atas ", "dengan ", "tanpa ")):
            continue
        yield _name(text, match.end())


def _closed(text: str, said: frozenset[str]) -> Iterator[str | None]:
    for match in _CLOSED.finditer(text, said):
        name = _name(text, match.end())
        # A signature stands alone on its line, and begins with a capital.
        if name and name[0].isupper():
            line = text[match.end() :].split("\n", 1)[0]
            if len(line) <= len(name) + 25:
                yield name


def _name(text: str, at: int) -> str | None:
    """The name that stands there, if one does."""
    shouting = text[at : at + 40].isupper()
    words: list[str] = []
    start = end = at
    is_capital = False
    while len(words) < _LONGEST and (match := _WORD.match(text, end)):
        word = match["word"]
        plain = word.lower()
        if not words and plain in _HONORIFICS:
            start = end = match.end()
            continue
        if plain in _NO_NAME or (plain in _HONORIFICS and words) or (not words and _PASSIVE.fullmatch(word)):
            break
        if not words:
            is_capital = word[0].isupper() and not shouting
            start = match.start("word")
        elif is_capital and not word[0].isupper() and plain not in _PARTICLES:
            break  # the sentence goes on
        elif not is_capital and len(words) >= 3:
            break
        words.append(plain)
        end = match.end("word")
        if match["dot"]:
            if len(word) > 2:
                break  # a full stop
            end = match.end()  # an initial
    name = text[start:end].strip(" .'’`-")
    return name if len(name) > 2 and any(len(word) > 2 for word in words) else None
