"""Which language a text is in. Most are everyday Indonesian, and a model made for prose has to be told so."""

import threading

from normalizer.understanding.language_model import LanguageModel
from normalizer.understanding.words import word_set, wording

UNDETERMINED = "und"
"""ISO 639-2 for a text of which nothing can be said."""

# What the others must be ahead of Indonesian, in log-likelihood: slang and place names push short texts away from it.
_HANDICAP = {"id": 0.0, "jv": 6.0, "ms": 7.0, "en": 4.0}
_ADVANTAGE_PER_MARKER = {"jv": 6.0, "ms": 6.0}
_MARKERS = {
    "jv": word_set(
        """
ora ono iki iku kae ngarep omah omahku dalan ndalan banyu udan wong wis durung nggih inggih mboten matur
nuwun suwun kulo kula  sampun dereng meniko menika dipun piye opo sopo kowe sampeyan panjenengan awake
tulung ndandani didandani rusake mergo mergane  karo kabeh akeh sing lan nyuwun ngapunten saking
"""
    ),
    "ms": word_set(
        """
nak hendak rosak teruk kat awak encik cik aduan sila baiki tuan puan kereta bandar kerajaan sangatlah macam
macammana
"""
    ),
}
_SUNDANESE = word_set(
    """
abdi urang teu henteu aya ieu eta anu nuju kumaha naha punten hatur nuhun mangga imah bumi ruksak atos
parantos acan kedah tiasa  moal pisan kanggo jeung sareng dugi upami ayeuna kamari cai susukan caah bau
runtah hayang bade dina ti kana nya mah teh geus can  tos kitu didamel pamarentah caang poek jalanna
"""
)
# Everyday words of Indonesian. Malay has most of them too, but is told by its own.
_COMMON = word_set(
    """
yang tidak sudah belum dengan untuk karena saya kami bapak ibu mohon tolong dari ada juga kalau sampai bisa
banyak sangat
hari jalan rumah depan warga melapor segera ini itu masih sejak setiap lagi jadi tapi sekarang kemarin diperbaiki
"""
)
_SURE = 4
"""So many different ones, and none of another language's markers, need no model."""
_STRONG_SUNDANESE = _SUNDANESE - word_set(
    """
bau urang dina ti nya mah can tos aya mangga bumi
"""
)

_FOREIGN = _SUNDANESE.union(*_MARKERS.values(), word_set("the is are my and please not of to in"))


class LanguageDetector:
    """Decides among Indonesian (`id`), Javanese (`jv`), Sundanese (`su`), Malay (`ms`) and English (`en`).

    The model (about 0.5 s, 30 MB) is loaded at the first question; reading is safe from several threads. It knows no
    Sundanese: that is told by own words.
    """

    _model: LanguageModel | None = None

    def __init__(self) -> None:
        self._loading = threading.Lock()

    def detect(self, text: str) -> str:
        """The language's ISO 639-1 code; `und` below two words or eight letters."""
        said = [word for word in wording(text) if word.isalpha()]
        if len(said) < 2 or sum(map(len, said)) < 8:
            return UNDETERMINED
        distinct = set(said)
        if len(distinct & _STRONG_SUNDANESE) >= 2 and len(distinct & _SUNDANESE) * 4 >= len(distinct):
            return "su"
        if len(distinct & _COMMON) >= _SURE and distinct.isdisjoint(_FOREIGN):
            return "id"
        scores = self.load().scores(text.casefold()[:2000])
        return max(_HANDICAP, key=lambda code: scores[code] - _HANDICAP[code] + _bonus(code, distinct))

    def load(self) -> LanguageModel:
        """Read the model, unless it was read; a second of work, which `detect` would do at its first text."""
        if self._model is None:
            with self._loading:
                if self._model is None:
                    self._model = LanguageModel(list(_HANDICAP))
        return self._model


def _bonus(code: str, distinct: set[str]) -> float:
    markers = _MARKERS.get(code)
    return _ADVANTAGE_PER_MARKER[code] * len(distinct & markers) if markers else 0.0
