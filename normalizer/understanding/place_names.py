"""Names of regions as people write them where the register has another: short forms, former names."""

from normalizer.understanding.words import word_set

_SHORT_FORMS = """
31: jakarta, dki, dkijakarta, jkt
33.72: solo, kotasolo
34: yogyakarta, jogja, yogya, jogjakarta, djogja, diy
11: nad, nanggroeacehdarussalam, diaceh
12: sumut
13: sumbar
16: sumsel
19: babel, bangkabelitung
21: kepri
32: jabar
33: jateng
34.71: jogja, yogya, jogjakarta, djogja, jogjakota, ygy
35: jatim
52: ntb
53: ntt
61: kalbar
62: kalteng
63: kalsel
64: kaltim
65: kaltara
71: sulut
72: sulteng
73: sulsel
74: sultra
76: sulbar
82: malut
91: irianjaya, irja
31.71: jakpus
31.72: jakut
31.73: jakbar
31.74: jaksel
31.75: jaktim
11.71: kutaraja, bna
12.71: mdn
12.72: siantar
12.01: tapteng
12.02: taput
12.03: tapsel
12.12: tobasamosir, tobasa
12.13: madina
12.16: humbahas
12.18: sergai
12.20: paluta
12.22: labusel
12.23: labura
14.02: inhu
14.04: inhil
14.06: rohul
14.07: rohil
14.09: kuansing
14.71: pku
15.06: tanjabbar
15.07: tanjabtim
16.01: oku
16.02: oki
16.06: muba
16.08: okutimur, okut
16.09: okuselatan, okus
16.12: pali
16.13: muratara
16.73: llg
18.01: lamsel
18.02: lamteng
18.03: lampura
18.04: lambar
18.07: lamtim
18.12: tubaba
18.71: balam, blampung, tanjungkarang, bdlampung
32.01: bgr
32.04: bdg
32.16: bks
32.17: kbb
32.71: bgr
32.73: bdg
32.75: bks
32.76: dpk
33.22: smg
33.74: smg
35.07: mlg
35.73: mlg
35.78: sby
36.03: tgr, tng
36.71: tgr, tng
36.74: tangsel
51.71: dps
52.01: lobar
52.02: loteng
52.03: lotim
52.07: ksb
52.08: klu, lotara
53.02: tts
53.03: ttu
53.15: mabar
53.18: sbd
53.19: matim
61.02: kabupatenpontianak
61.71: ptk
62.01: kobar
62.02: kotim
62.71: pky
63.04: batola
63.06: hss
63.07: hst
63.08: hsu
63.10: tanbu
63.71: bjm
64.01: pasir
64.02: kukar
64.07: kubar
64.08: kutim
64.09: ppu
64.11: mahulu
64.71: bpp, bpn
71.01: bolmong
71.05: minsel
71.06: minut
71.07: mitra
71.08: bolmut
71.09: sitaro
71.10: boltim
71.11: bolsel
71.71: mdo
72.08: parimo
72.09: touna
73.10: pangkep
73.14: sidrap
73.71: ujungpandang, mks, mksr, makasar
74.05: konsel
74.09: konut
76.01: mamujuutara, matra
76.04: polman, polewalimamasa, polmas
76.06: mateng
81.01: malteng
81.02: malra
81.03: malukutenggarabarat, mtb
81.05: sbt
81.06: sbb
82.01: halbar
82.02: halteng
82.03: halut
82.04: halsel
82.06: haltim
91.71: hollandia
"""
ALIASES: tuple[tuple[str, str], ...] = tuple(
    (name, code)
    for code, _, names in (line.partition(": ") for line in _SHORT_FORMS.strip().splitlines())
    for name in names.split(", ")
)
"""Pairs of a name, in lower case without blanks, and the code of the region that it means; some mean two."""

UNCERTAIN = word_set("""
    pali mitra mabar pasir matra mateng ksb klu tts ttu sbd hss hst hsu ppu sbt sbb kubar nad siantar kutaraja mtb
    balam bna dpk tng pky mdo bpn bpp bgr ptk
""")
"""Short forms that are also words or other abbreviations: they count after a level word only (`Kab. PALI`),
or after a name that lies in them."""
SHORT = frozenset(name for name, _ in ALIASES if len(name) == 3)
"""Names of three letters that are looked for: those of the register are too many that mean something else."""
