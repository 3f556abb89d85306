"""Words as they are compared: everyday spellings of Indonesian folded to one form, own small table."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Self


def word_set(text: str) -> frozenset[str]:
    """The words of a written list."""
    return frozenset(text.split())


_SPELLINGS = """
yang: yg yng yank
dengan: dgn dg dngn dng
tidak: tdk gak ga gk nggak enggak ngga engga gag kagak ndak ndk tak tdak g
sudah: sdh udh udah sudh dah sdah udeh
belum: blm blom belom blum
harus: hrs
sejak: sjk sjak
hancur: ancur
mengalir: ngalir
menunggu: nunggu
tapi: tp tpi tetapi
datang: dtg dateng
benar: bener
segera: sgera sgr
hujan: ujan
habis: abis
hilang: ilang
hidup: idup
lihat: liat
tahu: tau
pakai: pake
dapat: dapet dpt
cepat: cepet cpt
mereka: mrk
sering: srng srg
rusak: rsk rusk
sangat: bgt banget bngt bangett sgt
karena: krn karna krna krena
jalan: jl jln jlan
untuk: utk untk tuk
dari: dr dri
pada: pd
kepada: kpd
dalam: dlm
saya: sy sya gue gw gua aku
kami: kmi
kita: kt
kalau: klo kalo kl klu
tolong: tlg tlong tolongin
mohon: mhn mohn moho
terima: trima trm
kasih: ksh
sampai: sampe smpe sampek
sama: ama
saja: aja aj sj doang
bisa: bs bsa
juga: jg jga
lagi: lg lgi
banyak: byk bnyk
orang: org
rumah: rmh rmah
tempat: tmpt tmpat
depan: dpn dpan
dekat: dkt deket
belakang: blkg blkang blakang
samping: smping
setiap: tiap tiap2 stiap
hari: hr
minggu: mggu mgg
bulan: bln
tahun: thn th
kemarin: kmrn kmaren kemaren kmarin
sekarang: skrg skrang skr
malam: mlm malem
pagi: pg pgi
siang: siank
sore: sre
bagaimana: gimana gmn gmna bgmn bgaimana
kenapa: knp knpa napa
mengapa: ngapa
kapan: kpn
berapa: brp brapa
apa: apaan
dimana: dmn dmna
seperti: spt sprti kayak kyk kaya
telah: tlah
pemerintah: pmrintah pemkot pemda
masyarakat: masyrakat masy
lampu: lmpu
sampah: smpah
kelurahan: kel
kecamatan: kec
desa: ds
rukun: rkn
perumahan: perum perumnas
kompleks: komplek komp
gang: gg
nomor: no nmr nomer
bapak: pak bpk pa
ibu: bu buk
air: aer
mati: padam
baik: bae
anak: ank
sekolah: sklh skolah
berlubang: bolong bolong2 lobang berlobang lubang
tersebut: tsb tsbt
begitu: gitu gt
begini: gini
jadi: jd jdi
hanya: cuma cuman cm
ini: nih ni
itu: tuh tu
mau: mo pengen pingin
melapor: lapor laporin melaporkan laporkan
"""

SPELLINGS: dict[str, str] = {
    variant: word
    for word, _, variants in (line.partition(":") for line in _SPELLINGS.strip().splitlines())
    for variant in variants.split()
}
"""Everyday spelling → the form it is compared by. Not a dictionary: only what appears in complaints all the time."""

_WORD = re.compile(r"[^\W_]+")
_ELONGATED = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLE_END = re.compile(r"([^\W\d_])\1+$")
_REPEATED = re.compile(r"([^\W\d_])\1(?:\1|$)")
_UNUSUAL = re.compile(r"([^\W\d_])\1(?:\1|(?![^\W_]))|2(?![^\W_])", re.IGNORECASE)
"""Where a text may hold what `fold` does more with than look it up."""
_ROMAN = re.compile("[ivx]+")
_TWICE = re.compile(r"[^\W\d_]{3,}2")


def fold(word: str) -> str:
    """How one lower-case word is compared: `parahhh` → `parah`, `yg` → `yang`, `jalan2` → `jalan jalan`."""
    known = SPELLINGS.get(word)
    if known is not None:
        return known
    if word.endswith("2") and _TWICE.fullmatch(word):
        once = fold(word[:-1])
        return f"{once} {once}"
    if len(word) > 2 and _REPEATED.search(word) and not _ROMAN.fullmatch(word):
        word = _DOUBLE_END.sub(r"\1", _ELONGATED.sub(r"\1", word))
        return SPELLINGS.get(word, word)
    return word


class Wording(tuple[str, ...]):  # noqa: SLOT001 tuples of any length can have no slots
    """Words in their order, with what phrases among them are looked up by."""

    distinct: frozenset[str]
    beginnings: frozenset[str]
    """Their first three letters."""

    def __new__(cls, said: Iterable[str]) -> Self:
        """Takes words that are folded."""
        self = super().__new__(cls, said)
        self.distinct = frozenset(self)
        self.beginnings = frozenset([word[:3] for word in self.distinct])
        return self


@lru_cache(maxsize=64)
def wording(text: str) -> Wording:
    """The `words` of a text. Those of the last few are remembered: every step of understanding asks for them."""
    return Wording(words(text))


def words(text: str) -> list[str]:
    """All words of a text in order, case-folded and in one spelling; punctuation and emoji dropped."""
    # No word goes over a line's end, and most lines are asked for more than once: below a title, behind a greeting.
    return list(chain.from_iterable(map(_in_line, text.split("\n")))) if "\n" in text else list(_in_line(text))


@lru_cache(maxsize=256)
def _in_line(text: str) -> tuple[str, ...]:
    return tuple(_folded(text))


def _folded(text: str) -> list[str]:
    if not text.isascii():
        # Compatibility forms: people write headlines in "mathematical" letters.
        text = unicodedata.normalize("NFKC", text)
    said = _WORD.findall(text.casefold())
    if not _UNUSUAL.search(text):  # most texts: nothing but known spellings to look up
        return [SPELLINGS.get(word, word) for word in said]
    folded = [fold(word) for word in said]
    return [part for word in folded for part in word.split()] if any(" " in word for word in folded) else folded
