from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.understanding.incident_time import incident_date, incident_time

WIB = ZoneInfo("Asia/Jakarta")
SENT = datetime(2026, 10, 21, 3, 0, tzinfo=UTC)  # Wednesday 10:00 in Jakarta


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tadi pagi lampu mati", date(2026, 10, 21)),
        ("barusan ada pohon tumbang", date(2026, 10, 21)),
        ("hari ini air mati", date(2026, 10, 21)),
        ("pagi tadi kecelakaan", date(2026, 10, 21)),
        ("kemarin banjir", date(2026, 10, 20)),
        ("kmrn sore", date(2026, 10, 20)),
        ("kemarin malam", date(2026, 10, 20)),
        ("semalam mati lampu", date(2026, 10, 20)),
        ("tadi malam banjir", date(2026, 10, 20)),
        ("kemarin lusa", date(2026, 10, 19)),
        ("3 hari yg lalu", date(2026, 10, 18)),
        ("tiga hari yang lalu", date(2026, 10, 18)),
        ("sudah 3 hari tidak diangkut", date(2026, 10, 18)),
        ("udh 3hr mati", date(2026, 10, 18)),
        ("sejak minggu lalu", date(2026, 10, 14)),
        ("sudah 2 minggu", date(2026, 10, 7)),
        ("seminggu yang lalu", date(2026, 10, 14)),
        ("sebulan yang lalu", date(2026, 9, 21)),
        ("sejak 3 bulan yang lalu", date(2026, 7, 21)),
        ("bulan lalu", date(2026, 9, 21)),
        ("setahun lalu", date(2025, 10, 21)),
        ("2 jam yang lalu", date(2026, 10, 21)),
        ("20 jam yang lalu", date(2026, 10, 20)),
        ("hari senin lalu", date(2026, 10, 19)),
        ("senin kemarin", date(2026, 10, 19)),
        ("hari minggu lalu", date(2026, 10, 18)),
        ("hari rabu lalu", date(2026, 10, 14)),
        ("sejak jumat air mati", date(2026, 10, 16)),
        ("5 Oktober 2026", date(2026, 10, 5)),
        ("tgl 5 okt", date(2026, 10, 5)),
        ("tgl 5/10", date(2026, 10, 5)),
        ("tanggal 30 air mati", date(2026, 9, 30)),
        ("5/10/2026", date(2026, 10, 5)),
        ("05-10-26", date(2026, 10, 5)),
        ("2026-10-05", date(2026, 10, 5)),
        ("25 Desember banjir besar", date(2025, 12, 25)),
        ("sejak kemarin, tepatnya 19 Oktober 2026", date(2026, 10, 19)),
        ("5 Desember 2026 ada acara, kemarin jalan ditutup", date(2026, 10, 20)),
    ],
)
def test_what_the_text_states(text: str, expected: date) -> None:
    assert incident_date(text, SENT, WIB) == expected


@pytest.mark.parametrize(
    "text",
    [
        "lampu mati",
        "",
        "besok ada acara",
        "3 hari lagi",
        "3 hari sekali diangkut",
        "dalam 3 hari kerja",
        "setiap hari senin",
        "tiap senin pagi macet",
        "pasar minggu kotor",
        "Jumat Berkah",
        "RT 03/05",
        "Jl. 17 Agustus rusak",
        "lapangan 1 Maret",
        "lahir 5 Oktober 1990",
        "5 Desember 2026",
        "99/99/2026",
        "30 februari 2026",
        "jam 10.30",
        "no 5/10",
        "hari senin depan",
        "5 orang",
        "sampai tanggal 5/10",
        "bertahun-tahun",
        "seminggu sekali",
        "usia 3 tahun",
        "tgl 45",
    ],
)
def test_what_states_nothing_is_none(text: str) -> None:
    assert incident_date(text, SENT, WIB) is None


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-10-{text}").replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("tadi pagi lampu mati", "21 04:00", "21 10:00"),  # until the message, not until eleven
        ("kmrn sore anak saya jatuh", "20 15:00", "20 18:00"),
        ("kemarin malam banjir", "20 18:00", "21 00:00"),
        ("semalam ada tawuran", "20 18:00", "21 05:00"),
        ("semalam jam 9 ada tawuran", "20 21:00", "20 22:00"),
        ("tadi malam jam 1 pipa pecah", "21 01:00", "21 02:00"),
        ("kemarin pukul 19.30 WIB listrik padam", "20 19:30", "20 20:30"),
        ("kemarin pukul 19.30 WITA listrik padam", "20 18:30", "20 19:30"),
        ("senin kemarin jam 8 malam ada begal", "19 20:00", "19 21:00"),
        ("jam 7 pagi tadi ada kecelakaan", "21 07:00", "21 08:00"),
        ("12/10/2026 pukul 14.00", "12 14:00", "12 15:00"),
        ("barusan ada kecelakaan", "21 09:00", "21 10:00"),
        ("2 jam yang lalu", "21 07:30", "21 08:30"),
        ("minggu lalu petugas janji", "12 00:00", "19 00:00"),
        ("sudah 10 hari", "10 00:00", "13 00:00"),
        ("hari ini petugas tidak ada", "21 00:00", "21 10:00"),
    ],
)
def test_the_range_is_as_wide_as_the_words(text: str, start: str, end: str) -> None:
    found = incident_time(text, SENT, WIB)
    assert found
    assert (found.start, found.end) == (at(start), at(end))


def test_the_vaguer_the_less_sure() -> None:
    said = ["beberapa hari lalu", "sudah 2 tahun", "bulan lalu", "sudah 2 minggu", "3 hari lalu", "12 Oktober 2026"]
    sure = [found.confidence for text in said if (found := incident_time(text, SENT, WIB))]
    assert len(sure) == len(said)
    assert sure == sorted(sure)


def test_a_range_that_is_too_vague_states_no_day() -> None:
    assert incident_time("beberapa hari ini air keruh", SENT, WIB) is not None
    assert incident_date("beberapa hari ini air keruh", SENT, WIB) is None


@pytest.mark.parametrize(
    "text",
    [
        "buka jam 8 pagi sampai jam 3 sore",
        "jam operasional 08.00-15.00 WIB",
        "paling lambat tgl 15/10 mohon diperbaiki",
        "batas waktu 12 Oktober 2026",
        "tagihan bulan agustus naik",
        "SK nomor 5/10/2026",
        "tiap malam minggu balap liar",
        "jadwal pengangkutan setiap selasa dan jumat",
        "guru kelas jam 7 pagi tidak ada",
        "jam buka puskesmas hari sabtu?",
        "jam kerja lebih dari 12 jam",
        "antrian SIM dari jam 07.30 sampai 14.00",
    ],
)
def test_limits_and_opening_hours_are_no_incident(text: str) -> None:
    assert incident_time(text, SENT, WIB) is None


def test_the_day_is_the_senders_own() -> None:
    late = datetime(2026, 10, 20, 23, 30, tzinfo=UTC)  # already the 21st in Jakarta
    assert incident_date("hari ini", late, WIB) == date(2026, 10, 21)
    assert incident_date("hari ini", late, ZoneInfo("UTC")) == date(2026, 10, 20)


def test_last_night_in_the_evening_is_tonight() -> None:
    assert incident_date("tadi malam", datetime(2026, 10, 21, 16, 0, tzinfo=UTC), WIB) == date(2026, 10, 21)


def test_a_month_back_from_its_last_day() -> None:
    assert incident_date("sebulan yang lalu", datetime(2026, 3, 31, 5, tzinfo=UTC), WIB) == date(2026, 2, 28)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        incident_date("kemarin", datetime(2026, 10, 21), WIB)  # noqa: DTZ001 - that is what is tested


FRAGMENTS = [
    "tgl",
    "5/10",
    "kemarin",
    "3",
    "99",
    "hari",
    "lalu",
    "senin",
    "se",
    "tahun",
    "999",
    "bulan",
    "yang",
    "31",
    "februari",
    "2026-13-01",
    "0",
]


@given(
    st.one_of(st.text(st.characters(), max_size=120), st.lists(st.sampled_from(FRAGMENTS), max_size=8).map(" ".join)),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - zone is added
)
@settings(max_examples=300, deadline=None)
def test_never_after_the_day_it_was_sent(text: str, sent_at: datetime) -> None:
    found = incident_date(text, sent_at, WIB)
    assert found is None or found <= sent_at.astimezone(WIB).date()
