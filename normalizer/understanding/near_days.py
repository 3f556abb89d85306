"""Yesterday, today and just now: `kemarin`, `tadi pagi`, `dari subuh`, `barusan`."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from normalizer.understanding.clock_said import PRAYER
from normalizer.understanding.day_range import Day, whole_day
from normalizer.understanding.guarded import Guarded

YESTERDAY = r"kemarin|kmrn|kmrin|kemaren|kmren|kmaren|kmarin"
"""Its spellings, as an alternative in a pattern."""
AGO = rf"(?:(?:yang|yg|y)\s*)?(?:lalu|lampau|{YESTERDAY}|belakangan|terakhir|silam)\b|\byll\b"
"""After a unit of time: so long before the message."""
_DAY_BEFORE_LAST = Guarded(rf"\b(?:{YESTERDAY})\s+(?:lusa|dulu)\b|\blusa\s+(?:{YESTERDAY})\b", "lusa dulu")
_LAST_DAY = Guarded(rf"\b(?:{YESTERDAY})\b(?!\s*-\s*kemarin)|\byesterday\b", YESTERDAY.replace("|", " ") + " yesterday")
_SOME_FEAST = re.compile(
    r"\b(?:lebaran|puasa|ramadh?an|idul\s*(?:fitri|adha)|natal|tahun baru|taun baru|pemilu|pilkada|pilpres|agustusan"
    r"|hari raya|libur(?:an)?|musim\s+\w+|kemarau|imlek|nyepi|panen|pandemi)\s+$",
    re.IGNORECASE,
)
"""Before `kemarin`, which then means the last one, not yesterday."""
_NOW = Guarded(r"\b(?:barusan|baru saja|baru aja|baru sj)\b", "barusan baru")
_PART = "pagi|pg|siang|sore|subuh|dini hari"
_SINCE = "dari|dr|sedari|sejak|sjk|semenjak|mulai"
_TODAY = Guarded(
    rf"\b(?:hari ini|hr ini|today|this (?:morning|afternoon)"
    r"|(?:tadi|td)\s+(?:(?:habis|abis|bakda|ba'da|setelah|usai|waktu|pas)\s+)?"
    rf"(?:{_PART}|{PRAYER}|jam|pukul|jm|pkl)"
    rf"|(?:{_PART})\s+(?:ini|tadi|td)|malam ini"
    r"|(?:jam|pukul|pkl)\.?\s*\d{1,2}(?:[.:]\d\d)?\s*(?:pagi|pg|siang|sore|subuh|malam)?\s*(?:tadi|td)\b"
    rf"|(?:{_SINCE})\s+tadi\b|(?:{_SINCE})\s+(?:{_PART})\b(?!\s+(?:sampai|sampe|hingga|s/d|sd)\s+(?:sore|siang|malam|petang))"
    r"|(?:sejak|sjk|semenjak)\s+(?:jam|pukul|pkl)\s*\d"
    rf"|(?:{_SINCE})\s+(?:jam|jm|pukul|pkl)\s*\d\d?(?:[.:]\d\d)?\s*(?:{_PART})\b(?!\s*(?:sampai|sampe|hingga|s/d|sd|-)))",
    "ini today this tadi td dari dr sedari sejak sjk semenjak mulai",
)
_EARLIER = Guarded(r"(?:^|[.,;!?]\s*|\b(?:saya|aku|kami)\s)(?:tadi|td)\b(?!\s+(?:malam|mlm|malem))", "tadi td")
_HABIT = re.compile(r"\b(?:setiap|tiap|buka|jadwal|biasa(?:nya)?)\b[^.\n]*$", re.IGNORECASE)


def near(text: str, local: datetime, said: frozenset[str]) -> Iterator[Day]:
    """The day before yesterday or yesterday, else the last hour, else today, as far as the text says so.

    `said`: its `letters_in`.
    """
    today = local.date()
    moment = local.replace(tzinfo=None)
    for pattern, back in ((_DAY_BEFORE_LAST, 2), (_LAST_DAY, 1)):
        for match in pattern.finditer(text, said):
            if not _SOME_FEAST.search(text, max(0, match.start() - 16), match.start()):
                yield whole_day(match.span(), today - timedelta(days=back), 0.9)
                return
    if (just_now := _NOW.search(text, said)) is not None:
        yield Day(just_now.start(), just_now.end(), moment - timedelta(hours=1), moment, today, 0.9)
        return
    for today_said in (*_TODAY.finditer(text, said), *_EARLIER.finditer(text, said)):
        if not _HABIT.search(text, max(0, today_said.start() - 40), today_said.start()):
            yield whole_day(today_said.span(), today, 0.9)
            return
