"""The words around the complaint: greetings, times, thanks, wishes to stay unnamed, and what is no complaint at all."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sandbox.city.catalogue import Situation
from sandbox.city.people import Citizen, Register, Tint

WIB = timezone(timedelta(hours=7), "WIB")
"""Western Indonesian time, the city's."""

_POLITE = (
    "Yth. Bapak Wali Kota Muara Sari", "Assalamualaikum wr. wb.", "Selamat pagi Bapak/Ibu",
    "Kepada Yth. Admin pengaduan", "Dengan hormat", "Mohon izin menyampaikan laporan", "Selamat siang admin",
)  # fmt: skip
_EASY = ("min", "pak", "Pak admin", "lapor min", "halo", "mau lapor", "bu", "kak admin", "permisi", "izin lapor")
_THANKS = (
    "Terima kasih",
    "Terima kasih atas perhatiannya",
    "Demikian laporan saya",
    "Atas perhatiannya diucapkan terima kasih",
)
_EASY_THANKS = ("makasih", "mksh", "tks", "suwun", "nuhun", "terima kasih", "trims min", "🙏", "🙏🙏")
_HOME_THANKS = {Tint.NONE: "Terima kasih", Tint.JAVANESE: "Matur nuwun sanget", Tint.SUNDANESE: "Hatur nuhun pisan"}
ANONYMOUS = ("Mohon nama saya tidak disebut", "jangan sebut nama saya ya", "identitas pelapor tolong dirahasiakan")
SECRET = (
    "Mohon laporan ini dirahasiakan dan tidak dipublikasikan",
    "tolong isi laporan ini jangan ditampilkan ke umum",
    "laporan ini bersifat rahasia",
)
KNOCKS = ("Pak", "P", "Assalamualaikum", "min", "Halo admin", "Permisi bu", "Selamat malam", "pak admin")
ANNOUNCEMENTS = (
    "mau lapor",
    "saya mau mengadu",
    "ijin lapor",
    "ada yang mau saya laporkan",
    "mw lapor nih",
    "bisa lapor di sini?",
)
TESTS = ("tes", "test", "P", "ping", "tes 123", "Tes", "cek", "halo")
SPAM = (
    "SELAMAT! Nomor anda terpilih menerima hadiah Rp 75.000.000 dari undian berkah. Klik http://hadiah-berkah.example/{n}",
    "Pinjaman cepat cair tanpa jaminan bunga 0,5% langsung transfer. Daftar di http://danakilat.example/{n}",
    "Slot gacor hari ini gampang menang bonus 100% member baru http://slotjuara.example/{n}",
    "Sebarkan ke 10 grup, jangan putus di kamu! Siapa yang meneruskan pesan ini dapat pulsa 50rb http://pulsa-gratis.example/{n}",
    "Jasa followers murah bergaransi, 1000 followers cuma 15rb. Order http://sosmedmurah.example/{n}",
)
REACTIONS = ("👍", "🙏", "❤️", "😢")
AWAY = (
    "Terima kasih atas email Anda. Saya sedang cuti sampai tanggal {d} dan akan membalas setelah kembali.",
    "Saya sedang di luar kantor hingga {d}. Untuk hal mendesak silakan hubungi rekan saya.",
    "I am out of the office until {d} and will reply on my return.",
)
_WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_SINCE: tuple[tuple[int, tuple[str, ...]], ...] = (
    (0, ("sejak tadi pagi", "dari pagi tadi", "mulai pagi ini")),
    (1, ("sejak kemarin", "dari kemarin", "mulai kemarin sore")),
    (3, ("sudah {n} hari", "{n} hari belum beres", "kurang lebih {n} hari ini", "sejak {n} hari lalu")),
    (7, ("sudah seminggu", "semingguan ini", "dari minggu lalu", "hampir 1 minggu")),
    (15, ("sudah dua minggu", "2 minggu lebih", "kira-kira dua mingguan")),
    (45, ("sudah sebulan", "kurang lebih 1 bulan", "dari bulan lalu")),
    (999, ("sudah berbulan-bulan", "lama sekali", "sejak beberapa bulan yang lalu")),
)
_OFTEN = (
    ("setiap malam", "tiap malam", "kalau malam"),
    ("setiap pagi", "tiap pagi", "saban pagi"),
    ("hampir setiap hari", "tiap hari", "sehari-hari begini"),
    ("setiap akhir pekan", "tiap sabtu minggu", "kalau hari libur"),
)
_PARTS_OF_DAY = (
    (4, ("dini hari", "subuh")),
    (11, ("pagi", "pagi hari")),
    (15, ("siang", "siang hari")),
    (19, ("sore", "petang")),
    (24, ("malam", "malam hari")),
)


@dataclass(frozen=True, slots=True)
class Wording:
    """The choices behind one text. Written twice with one wording, two incidents share all words but their facts."""

    layout: int
    problem: int
    object: int
    effect: int
    wish: int
    opening: str
    closing: str
    mention: int
    """Which form of naming the place."""
    exact: bool = False
    """Names street, RT, RW and kelurahan, so that it can be told from its neighbour."""
    extra: int = -1
    """A further effect, appended: what somebody adds when sending it again."""
    correction: bool = False
    plea: str = ""
    """The wish to stay unnamed or unpublished."""
    seed: int = 0
    """Of abbreviations and typing errors."""


def draw(rng: random.Random, citizen: Citizen, situation: Situation) -> Wording:
    """A fresh wording in the citizen's manner."""
    terse = citizen.register is Register.TERSE
    return Wording(
        layout=rng.randrange(1000),
        problem=rng.randrange(len(situation.problem)),
        object=rng.randrange(1000),
        effect=rng.randrange(len(situation.effect)),
        wish=rng.randrange(len(situation.wish)),
        opening="" if terse or rng.random() < 0.2 else opening(rng, citizen),
        closing="" if terse or rng.random() < 0.4 else closing(rng, citizen),
        mention=rng.randrange(1000),
        seed=rng.getrandbits(32),
    )


def opening(rng: random.Random, citizen: Citizen) -> str:
    """A greeting of the citizen's register."""
    return rng.choice(_POLITE if citizen.register is Register.FORMAL else _EASY)


def closing(rng: random.Random, citizen: Citizen) -> str:
    """A word of thanks, in the home language now and then."""
    if citizen.tint is not Tint.NONE and rng.random() < 0.7:
        return _HOME_THANKS[citizen.tint]
    return rng.choice(_THANKS if citizen.register is Register.FORMAL else _EASY_THANKS)


def since(rng: random.Random, began: datetime, at: datetime) -> str:
    """For how long it has lasted, as somebody would say at that moment."""
    days = max(0, (at.astimezone(WIB).date() - began.astimezone(WIB).date()).days)
    for most, phrases in _SINCE:
        if days <= most:
            return rng.choice(phrases).format(n=max(days, 2))
    return rng.choice(_SINCE[-1][1])


def when(rng: random.Random, began: datetime, at: datetime) -> str:
    """When it happened, as somebody would say at that moment."""
    moment, today = began.astimezone(WIB), at.astimezone(WIB).date()
    part = rng.choice(next(names for until, names in _PARTS_OF_DAY if moment.hour < until))
    hour = rng.choice((f"sekitar jam {moment.hour}", f"pukul {moment.hour:02d}.{moment.minute // 15 * 15:02d}", "", ""))
    match (today - moment.date()).days:
        case 0:
            day = f"tadi {part}"
        case 1:
            day = f"kemarin {part}"
        case days if days < 7:
            day = rng.choice((f"hari {_WEEKDAYS[moment.weekday()]} {part}", f"{days} hari lalu"))
        case _:
            day = rng.choice((f"tanggal {moment.day}/{moment.month}", f"tgl {moment.day}-{moment.month}-{moment.year}"))
    return f"{day} {hour}".strip()


def often(rng: random.Random, habit: int) -> str:
    """How often it comes back; the habit is a fact of the incident."""
    return rng.choice(_OFTEN[habit % len(_OFTEN)])
