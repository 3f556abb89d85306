"""Invented reference tables: the agencies and categories of the simulated hub. No real list is behind them."""

from sandbox.hub.answers import Entry

AGENCIES = tuple(
    Entry(kode=code, nama=name)
    for code, name in (
        ("PEMKOT", "Pemerintah Kota Muara Simulasi"),
        ("DISHUB", "Dinas Perhubungan Kota Muara Simulasi"),
        ("DPU", "Dinas Pekerjaan Umum Kota Muara Simulasi"),
        ("DLH", "Dinas Lingkungan Hidup Kota Muara Simulasi"),
        ("DINKES", "Dinas Kesehatan Kota Muara Simulasi"),
        ("DISDIK", "Dinas Pendidikan Kota Muara Simulasi"),
        ("DUKCAPIL", "Dinas Kependudukan dan Pencatatan Sipil Kota Muara Simulasi"),
        ("DINSOS", "Dinas Sosial Kota Muara Simulasi"),
        ("SATPOL", "Satuan Polisi Pamong Praja Kota Muara Simulasi"),
        ("DAMKAR", "Dinas Pemadam Kebakaran Kota Muara Simulasi"),
        ("PDAM", "Perusahaan Air Minum Kota Muara Simulasi"),
        ("RSUD", "Rumah Sakit Umum Daerah Muara Simulasi"),
    )
)

CATEGORIES = tuple(
    Entry(kode=code, nama=name, induk=parent)
    for code, name, parent in (
        ("INFRA", "Infrastruktur", None),
        ("INFRA.JALAN", "Jalan rusak", "INFRA"),
        ("INFRA.JEMBATAN", "Jembatan", "INFRA"),
        ("INFRA.PJU", "Penerangan jalan umum", "INFRA"),
        ("INFRA.DRAINASE", "Saluran air dan drainase", "INFRA"),
        ("LINGKUNGAN", "Lingkungan hidup", None),
        ("LINGKUNGAN.SAMPAH", "Sampah", "LINGKUNGAN"),
        ("LINGKUNGAN.BANJIR", "Banjir dan genangan", "LINGKUNGAN"),
        ("LINGKUNGAN.POHON", "Pohon dan taman", "LINGKUNGAN"),
        ("LINGKUNGAN.PENCEMARAN", "Pencemaran", "LINGKUNGAN"),
        ("AIR", "Air bersih", None),
        ("KESEHATAN", "Kesehatan", None),
        ("KESEHATAN.RS", "Pelayanan rumah sakit", "KESEHATAN"),
        ("KESEHATAN.PUSKESMAS", "Pelayanan puskesmas", "KESEHATAN"),
        ("PENDIDIKAN", "Pendidikan", None),
        ("DUKCAPIL", "Administrasi kependudukan", None),
        ("SOSIAL", "Bantuan sosial", None),
        ("PERHUBUNGAN", "Perhubungan", None),
        ("PERHUBUNGAN.PARKIR", "Parkir", "PERHUBUNGAN"),
        ("PERHUBUNGAN.LALIN", "Lalu lintas", "PERHUBUNGAN"),
        ("KETERTIBAN", "Ketertiban umum", None),
        ("PERIZINAN", "Perizinan", None),
        ("LAINNYA", "Lainnya", None),
    )
)

_AGENCY_NAMES = {entry.kode: entry.nama for entry in AGENCIES}
_KNOWN_AGENCIES = frozenset(_AGENCY_NAMES) | frozenset(_AGENCY_NAMES.values())
_KNOWN_CATEGORIES = frozenset(value for entry in CATEGORIES for value in (entry.kode, entry.nama))


def agency_name(code_or_name: str) -> str:
    """Return the name of an agency; what the table does not know is taken as a name."""
    return _AGENCY_NAMES.get(code_or_name, code_or_name)


def knows_agency(code_or_name: str) -> bool:
    """Say whether the table has this code or name."""
    return code_or_name in _KNOWN_AGENCIES


def knows_category(code_or_name: str) -> bool:
    """Say whether the table has this code or name."""
    return code_or_name in _KNOWN_CATEGORIES
