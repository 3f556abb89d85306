from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.understanding.classification import Classifier, Wishes
from normalizer.understanding.tables import RulesError

CLASSIFIER = Classifier()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lampu jalan mati sudah 3 hari", "pengaduan"),
        ("Jalan rusak. Mohon info kapan diperbaiki", "pengaduan"),
        ("kapan diperbaiki jalan ini?", "pengaduan"),
        ("kenapa sampah belum diangkut?", "pengaduan"),
        ("air pdam mati terus", "pengaduan"),
        ("pegawai kelurahan judes sekali", "pengaduan"),
        ("ada pungli waktu urus ktp", "pengaduan"),
        ("saya kecewa dengan pelayanan puskesmas", "pengaduan"),
        ("banjir di depan rumah", "pengaduan"),
        ("KTP saya tidak kunjung jadi", "pengaduan"),
        ("", "pengaduan"),
        ("xyz", "pengaduan"),
        ("tolong diperbaiki jembatan kami yang rusak", "pengaduan"),
        ("sampai kapan kami harus menunggu?", "pengaduan"),
        ("usul pak dibuatkan taman bermain", "aspirasi"),
        ("Saran saya sebaiknya ada CCTV di simpang", "aspirasi"),
        ("Mohon dibangun posyandu di RT kami", "aspirasi"),
        ("alangkah baiknya kalau ada bus sekolah", "aspirasi"),
        ("kami mengusulkan perpustakaan keliling", "aspirasi"),
        ("salut untuk petugas kebersihan", "aspirasi"),
        ("bagaimana kalau kalau bisa ada car free day, sekadar masukan", "aspirasi"),
        ("Mohon info syarat buat KTP", "permintaan_informasi"),
        ("bagaimana cara mengurus akta?", "permintaan_informasi"),
        ("jam buka kantor capil?", "permintaan_informasi"),
        ("apakah puskesmas buka hari sabtu", "permintaan_informasi"),
        ("berapa biaya balik nama?", "permintaan_informasi"),
        ("mau tanya jadwal vaksin", "permintaan_informasi"),
        ("gimana cara daftar bansos", "permintaan_informasi"),
        ("di mana kantor dinas sosial", "permintaan_informasi"),
        ("minta nomor telepon damkar", "permintaan_informasi"),
    ],
)
def test_class(text: str, expected: str) -> None:
    assert CLASSIFIER.classify(text)[0] == expected


def test_without_a_sign_it_is_a_complaint_and_says_that_it_does_not_know() -> None:
    assert CLASSIFIER.classify("xyz") == ("pengaduan", 0.5)
    assert CLASSIFIER.classify("Mohon info syarat buat KTP?")[1] > 0.8


@pytest.mark.parametrize(
    ("text", "anonim", "rahasia"),
    [
        ("tolong jangan sebut nama saya", True, False),
        ("nama saya jangan disebutkan ya pak", True, False),
        ("identitas saya tolong dirahasiakan", True, False),
        ("mohon dirahasiakan identitas saya", True, False),
        ("mohon rahasiakan nama pelapor", True, False),
        ("saya ingin anonim", True, False),
        ("jangan bocorkan identitas saya", True, False),
        ("saya tidak mau disebut namanya", True, False),
        ("laporan ini mohon dirahasiakan", False, True),
        ("laporan ini bersifat rahasia", False, True),
        ("jangan dipublikasikan", False, True),
        ("mohon dirahasiakan", True, True),
        ("tlg dirahasiakan ya", True, True),
        ("laporan ini rahasia dan jangan sebut nama saya", True, True),
        ("sudah jadi rahasia umum", False, False),
        ("tidak perlu dirahasiakan", False, False),
        ("data rahasia pasien bocor", False, False),
        ("ada akun anonim menyebar fitnah", False, False),
        ("nama saya Siti", False, False),
        ("nama saya tidak ada di daftar bansos", False, False),
        ("lampu mati", False, False),
        ("", False, False),
    ],
)
def test_wishes(text: str, anonim: bool, rahasia: bool) -> None:
    assert CLASSIFIER.flags(text) == Wishes(anonim=anonim, rahasia=rahasia)


OWN = """version: "x"
question_mark: 0
classes:
  aspirasi:
    2: [gagasan*]
wishes: {}
both: []
not_wishes: []
"""


def test_an_own_table_is_used(tmp_path: Path) -> None:
    table = tmp_path / "own.yaml"
    table.write_text(OWN, encoding="utf-8")
    own = Classifier(table)
    assert own.version == "x"
    assert own.classify("gagasannya baru")[0] == "aspirasi"
    assert own.classify("usul") == ("pengaduan", 0.5)


def test_an_unknown_class_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "own.yaml"
    table.write_text(OWN.replace("aspirasi", "pujian"), encoding="utf-8")
    with pytest.raises(RulesError, match=r"own\.yaml:4: classes\.pujian"):
        Classifier(table)


@given(st.text(st.characters(), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_has_a_class(text: str) -> None:
    name, sure = CLASSIFIER.classify(text)
    assert name in {"pengaduan", "aspirasi", "permintaan_informasi"}
    assert 0.5 <= sure <= 1.0
    CLASSIFIER.flags(text)
