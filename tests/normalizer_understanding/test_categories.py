from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.understanding.categories import Categorizer
from normalizer.understanding.tables import RulesError

CATEGORIZER = Categorizer()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lampu jalan mati sudah 3 hari", "lampu_jalan"),
        ("PJU padam di gang kami", "lampu_jalan"),
        ("lampu merah simpang empat mati", "lalu_lintas_parkir"),
        ("mati lampu terus", "listrik"),
        ("tiang listrik miring", "listrik"),
        ("jln berlubang parah", "jalan_jembatan"),
        ("aspal mengelupas, jembatan retak", "jalan_jembatan"),
        ("sampah numpuk bau", "sampah"),
        ("got mampet banjir kalau hujan", "drainase_banjir"),
        ("banjir di jalan", "drainase_banjir"),
        ("air pam mati", "air_bersih"),
        ("PDAM keruh", "air_bersih"),
        ("pipa bocor di depan rumah", "air_bersih"),
        ("pohon tumbang", "pohon_taman"),
        ("limbah pabrik dibuang ke sungai", "pencemaran"),
        ("parkir liar bikin macet", "lalu_lintas_parkir"),
        ("jukir minta dua kali lipat", "lalu_lintas_parkir"),
        ("sopir angkot ugal-ugalan", "angkutan_umum"),
        ("PKL jualan di pasar", "pasar_pkl"),
        ("gas melon langka", "pasar_pkl"),
        ("ktp saya belum jadi", "kependudukan"),
        ("kartu keluarga hilang mau urus", "kependudukan"),
        ("dokter puskesmas tidak ada", "kesehatan"),
        ("minta fogging, banyak nyamuk dbd", "kesehatan"),
        ("guru sering tidak masuk kelas", "pendidikan"),
        ("bansos tidak tepat sasaran", "bantuan_sosial"),
        ("karaoke bising sampai tengah malam", "ketertiban"),
        ("begal di jalan gelap", "kriminalitas"),
        ("pungli di kantor lurah", "pungli_korupsi"),
        ("pegawai kelurahan tidak ramah", "pelayanan_pegawai"),
        ("bangunan liar tanpa izin", "perizinan_bangunan"),
        ("tagihan PBB naik", "pajak_retribusi"),
        ("tanah longsor menutup rumah, butuh evakuasi", "kebencanaan"),
        ("anjing liar menggigit anak", "hewan"),
        ("sinyal internet tidak ada", "telekomunikasi"),
        ("pupuk subsidi langka", "pertanian"),
        ("gaji karyawan belum dibayar", "ketenagakerjaan"),
        ("toilet umum tempat wisata kotor", "olahraga_wisata"),
        ("makam digali orang", "keagamaan_pemakaman"),
        ("halo", None),
        ("tolong pak", None),
        ("", None),
        ("RT 3 ya", None),
        ("terima kasih banyak", None),
        ("sampah dan banjir", None),
    ],
)
def test_category(text: str, expected: str | None) -> None:
    found = CATEGORIZER.categorize(text)
    assert (found.key if found else None) == expected


def test_a_verdict_says_why_and_by_which_table() -> None:
    found = CATEGORIZER.categorize("Sampah menumpuk dan bau, sampah lagi")
    assert found is not None
    assert found.reasons == ("sampah*", "menumpuk", "bau")
    assert found.title == "Sampah dan kebersihan"
    assert found.agency == "dinas lingkungan hidup"
    assert found.version == CATEGORIZER.table.version
    assert 0.8 < found.confidence <= 1.0


def test_repeating_a_word_proves_nothing() -> None:
    once, often = CATEGORIZER.categorize("pasar banjir"), CATEGORIZER.categorize("pasar banjir banjir banjir banjir")
    assert once == often


HEAD = 'version: "1"\nminimum: 0.5\ncategories:\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            HEAD + "  a_b:\n    title: Judul\n    agency: dinas\n    phrases: {3: [x*]}\n",
            r"rules\.yaml:7: categories\.a_b\.phrases",
        ),
        (
            HEAD + "  a_b:\n    title: Judul\n    agncy: dinas\n    phrases: {3: [satu]}\n",
            r"rules\.yaml:6: categories\.a_b\.agncy",
        ),
        (
            HEAD + "  A B:\n    title: Judul\n    agency: dinas\n    phrases: {3: [satu]}\n",
            r"rules\.yaml:4: categories\.A B",
        ),
        (HEAD + "  a_b:\n    title: Judul\n    agency: dinas\n    phrases: {3: ['!!']}\n", "has no words"),
        (HEAD + "  a_b: [\n", r"rules\.yaml:5: no valid YAML"),
        (HEAD + "  a_b: {title: Satu}\n  a_b: {title: Dua}\n", r"no valid YAML: found duplicate key"),
        ('version: "1"\nminimum: 2\ncategories: {}\n', r"rules\.yaml:2: minimum"),
        ("", r"rules\.yaml:1: the table"),
        ("\x00", "no valid YAML"),
    ],
)
def test_a_wrong_table_is_refused_with_line_and_reason(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RulesError, match=message):
        Categorizer(path)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"none\.yaml: cannot be read"):
        Categorizer(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\xe9")
    with pytest.raises(RulesError, match="UTF-8"):
        Categorizer(tmp_path / "latin.yaml")


def test_a_phrase_of_two_categories_decides_nothing() -> None:
    assert CATEGORIZER.categorize("bau") is None
    assert CATEGORIZER.categorize("bau sampah") is not None


def test_no_phrase_of_the_shipped_table_stands_twice_in_a_category() -> None:
    for key, topic in CATEGORIZER.table.categories.items():
        phrases = [phrase for weighted in topic.phrases.values() for phrase in weighted]
        assert len(phrases) == len(set(phrases)), key


@given(st.text(st.characters(), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_categorized_without_an_exception(text: str) -> None:
    found = CATEGORIZER.categorize(text)
    assert found is None or found.confidence >= CATEGORIZER.table.minimum
