from pathlib import Path

import pytest

from normalizer.understanding.ruling import Ruling
from normalizer.understanding.tables import RulesError

OWN = """extends: shipped
version: kota-1
minimum: 0.6
categories:
  sampah:
    title: Persampahan
    agency: DLHK Kota Contoh
    phrases: {3: [kerupuk], 1: [bau]}
  sungai_bersih:
    title: Sungai bersih
    agency: Dinas SDA
    phrases: {4: [program kali bersih]}
without: [hewan]
cases:
  - {text: kerupuk berserakan, category: sampah}
  - {text: program kali bersih mandek, category: sungai_bersih}
"""


def write(folder: Path, content: str, name: str = "categories.yaml") -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_what_comes_with_muara_holds_its_own_cases() -> None:
    ruling = Ruling()
    assert ruling.cases >= 20
    assert list(ruling.failures()) == []
    assert ruling.own == ()


def test_an_agency_writes_only_what_is_different(tmp_path: Path) -> None:
    ruling = Ruling(write(tmp_path, OWN))
    assert ruling.own == ("categories.yaml",)
    assert list(ruling.failures()) == []
    table = ruling.categories.table
    assert table.minimum == 0.6
    assert table.version.endswith("+kota-1")
    assert "hewan" not in table.categories
    assert table.categories["lampu_jalan"].title == "Penerangan jalan umum"
    found = ruling.categories.categorize("sampah menumpuk, kerupuk")
    assert found is not None
    assert (found.title, found.agency) == ("Persampahan", "DLHK Kota Contoh")


def test_a_case_that_does_not_hold_says_what_came_instead(tmp_path: Path) -> None:
    ruling = Ruling(write(tmp_path, OWN.replace("category: sungai_bersih}", "category: sampah}")))
    (words,) = ruling.failures()
    assert "program kali bersih mandek" in words
    assert "sungai_bersih" in words


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("without: [hewan]", "without: [hewann]"), "there is no shipped category 'hewann'"),
        (("    agency: Dinas SDA\n", ""), "sungai_bersih: a new category needs `title`, `agency` and `phrases`"),
        (("    phrases: {3: [kerupuk], 1: [bau]}", "    without: [kerupuk]"), "not among the shipped phrases: kerupuk"),
        (("category: sampah}", "category: sampahh}"), "no category of this table"),
        (("minimum: 0.6", "minimum: 6"), r"categories\.yaml:3: minimum"),
    ],
)
def test_a_wrong_own_table_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in OWN
    with pytest.raises(RulesError, match=message):
        Ruling(write(tmp_path, OWN.replace(*change)))


def test_a_file_that_nobody_reads_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"kategori\.yaml: nobody reads this"):
        Ruling(write(tmp_path, OWN, "kategori.yaml"))
