"""What surrounds a complaint and says nothing about it: greetings, apologies, forward marks, signatures."""

import re
from functools import lru_cache

_PEOPLE = (
    r"(?:bapak|bpk|pak|ibu|bu|admin|min|kak|kakak|mas|mba|mbak|bang|gan|om|dan|semua(?:nya)?|sekalian|rekan rekan|yth)"
)
_CALLED = rf"(?:[\s,./&]+{_PEOPLE}\b)*"
_OPENINGS = (
    (
        r"a+s+al+am+[uo]?'?\s?(?:a|['’`])?lai?ku+m\w*"
        r"(?:[\s.,]*(?:wr|wb|wr\.?\s?wb|warahmat\w+|wa\s?rahmat\w+|wabarakat\w+|wa\s?barakat\w+)\b\.?)*"
    ),
    r"(?:ass?w?r?w?b|askum|assalam|samlekum|mikum)\b\.?",
    r"(?:selamat|slamat|slmt|met)\s+(?:pagi|siang|sore|malam|mlm|malem|petang)\b",
    r"(?:pagi|siang|sore|malam|mlm)(?=[\s,.]+(?:pak|bu|bapak|ibu|min|admin|kak)\b|\s*[,.!]|\s*$)",
    r"(?:halo+|hal+o+w*|hello+|hel+o|hai+|hi|hey|hei|permisi|punten|kulonuwun|nuwun sewu|om swastiastu|shalom)\b",
    r"salam(?:\s+sejahtera|\s+hormat)?\b",
    (
        r"(?:dear\s+|kepada\s+)?(?:yth\.?|yang terhormat)(?:\s+(?:bapak|bpk\.?|ibu|walikota|wali|bupati|gubernur|kepala"
        r"|camat|lurah|admin|pimpinan|direktur|plt\.?|pj\.?)(?:\s+[^\s,.:;]+){0,6}(?=\s*[\n,:;]))?"
    ),
    rf"{_PEOPLE}(?=[\s,.!]|$)(?!\s+(?:rt|rw|lurah|camat|kades|guru|polisi|kepala|ketua|saya|kandung)\b)",
    r"p(?=\s|$)",
)
_COURTESIES = (
    (
        r"(?:mohon|minta|mhn)\s+(?:maaf|maap)(?:\s+(?:sebelumnya|sblmnya|ya))?"
        r"(?:\s+(?:jika|kalau|klo|kalo|bila|karena|telah|sudah))?"
        r"(?:\s+(?:mengganggu|menganggu|ganggu|merepotkan)(?:\s+waktu\w*)?)?"
    ),
    r"(?:maaf|maap)\s+(?:sebelumnya|mengganggu|menganggu|ganggu)(?:\s+waktu\w*)?",
    r"sebelumnya\s+(?:mohon\s+)?(?:maaf|terima\s?kasih)",
    (
        r"(?:saya\s+|sy\s+)?(?:mau|ingin|hendak|izin|ijin|mohon izin|mohon ijin)\s+(?:melapor(?:kan)?|lapor(?:kan|in)?"
        r"|bertanya|tanya|mengadu(?:kan)?|ngadu|menyampaikan(?:\s+(?:keluhan|laporan|pengaduan|aduan))?)"
        r"(?=[\s,.:;!?]|$)(?!\s+ke\b)"
    ),
    r"(?:mau|ingin|izin|ijin)\s+nanya",
)
_FORWARDS = (
    (
        r"[*_]?(?:diteruskan(?:\s+berkali[- ]kali)?|forwarded(?:\s+(?:many times|message))?|pesan\s+terusan|terusan)"
        r"[*_]?\s*(?::|\n|$)"
    ),
    r"-{2,}\s*(?:forwarded message|pesan (?:terusan|diteruskan)|original message)\s*-{2,}",
    r"\[(?:diteruskan|forwarded|fwd)[^\]\n]{0,20}\]\s*:?",
    r"(?:fwd?|tr|re|balas)\s*:",
    r"\[?(?:copas|copy paste|dari (?:grup|group) sebelah)\]?\s*[:.,]",
)
_EDGE = r"[\s,.:;!?\-–—*_>~\"'()\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]*"
_LEAD = re.compile(
    rf"{_EDGE}(?:(?:{'|'.join((*_FORWARDS, *_OPENINGS, *_COURTESIES))}){_CALLED}{_EDGE})+",
    re.IGNORECASE,
)
_THANKS = (
    (
        r"(?:demikian(?:lah)?\b[^\n.]{0,80}[.\s]+)?"
        r"(?:atas\s+(?:perhatian|kerja\s?sama|bantuan|respon)\w*[^\n.]{0,40}?)?(?:saya\s+|kami\s+)?(?:ucapkan\s+)?"
        r"(?:tr?e?rima\s?kasih|makasih|mksh|trims|tks|thx|thanks|thank you|nuhun|suwun|matur nuwun)"
        r"(?:\s+(?:banyak|sebelumnya|sblmnya|atas\s+(?:perhatian|bantuan|kerja\s?sama|respon)\w*))*"
    ),
    r"wa+s+alam(?:u|o)?'?\s?(?:a|['’`])?lai?ku+m\w*(?:[\s.,]*(?:wr|wb|warahmat\w+|wabarakat\w+)\b\.?)*|wassalam\b",
    r"(?:hormat|salam)\s+(?:saya|kami|hormat)\b[^\n]{0,40}(?:\n[^\n]{0,60}){0,3}",
    r"(?:sent from my \w+|dikirim dari \w+(?: \w+){0,3}|get outlook for \w+)",
)
_THANKS_HINTS = (
    "kasih", "mksh", "trims", "tks", "thx", "thank", "nuhun", "suwun", "alam", "hormat",
    "sent from", "dikirim", "outlook",
)  # fmt: skip
"""One of these stands in every closing."""
_TAIL = re.compile(
    rf"(?<!\w)(?:{'|'.join(_THANKS)})(?:{_CALLED}{_EDGE})(?=$|(?<!\w)(?:{'|'.join(_THANKS)}){_CALLED}{_EDGE}$)",
    re.IGNORECASE,
)


def without_opening(text: str) -> str:
    """The text without greeting, apology and forward marks before its first word of substance."""
    match = _LEAD.match(text)
    return text[match.end() :] if match else text


def without_closing(text: str) -> str:
    """The text without thanks, farewell and signature after its last word of substance."""
    # What closes a text is short: nothing before the last 300 characters is looked at.
    start = max(0, len(text) - 300)
    end = text[start:].lower()
    if not any(hint in end for hint in _THANKS_HINTS):
        return text
    match = _TAIL.search(text, start)
    return text[: match.start()] if match else text


@lru_cache(maxsize=64)  # asked for by what looks for courtesy, and by what compares
def substance(text: str) -> str:
    """The text without what surrounds it; empty when it is courtesy from end to end."""
    return without_closing(without_opening(text)).strip()
