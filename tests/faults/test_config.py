"""A configuration that is wrong: which line, what is wrong, what to do."""

from pathlib import Path

import pytest

from runtime.sealing.keyfile import make_key
from tests.outside import muara, refused

CASES = {
    "empty": ("", ["muara.yaml", "empty"]),
    "only a comment": ("# nothing\n", ["muara.yaml", "empty"]),
    "a tab": ("agency: kota\nsources:\n\tx: {}\n", ["muara.yaml:3", "tab", "spaces"]),
    "no mapping": ("- kota\n", ["muara.yaml:1", "key: value"]),
    "broken YAML": ("agency: [kota\n", ["muara.yaml:"]),
    "a key twice": ("agency: kota\nagency: kota\n", ["muara.yaml:2", "agency"]),
    "unknown key": ("agency: kota\nsuorces: {}\n", ["muara.yaml:2", "suorces", 'did you mean "sources"?']),
    "unknown key deep down": ("agency: kota\nhttp: {prot: 1}\n", ["muara.yaml:2", "http.prot", '"port"']),
    "no agency": ("zone: Asia/Jakarta\n", ["muara.yaml", "agency", "missing"]),
    "wrong type": ("agency: kota\nhttp: {port: delapan}\n", ["muara.yaml:2", "http.port", "integer"]),
    "port too high": ("agency: kota\nhttp: {port: 70000}\n", ["muara.yaml:2", "http.port", "65535"]),
    "wrong zone": ("agency: kota\nzone: Jakarta\n", ["muara.yaml:2", "zone", "Asia/Jakarta"]),
    "no such region": ('agency: kota\nhome_region: "36.99"\n', ["muara.yaml:2", "home_region", "36.99"]),
    "wrong mode": (
        "agency: kota\nhubs:\n  sp4n: {profile: sandbox, url: http://h, mode: sned}\n",
        ["muara.yaml:3", "hubs.sp4n.mode", 'did you mean "send"?'],
    ),
    "no address": ("agency: kota\nhubs:\n  sp4n: {profile: sandbox, url: h}\n", ["muara.yaml:3", "hubs.sp4n.url"]),
    "unknown channel": (
        "agency: kota\nsources:\n  wa: {channel: watsap}\n",
        ["muara.yaml:3", "sources.wa.channel", '"watsap"', "whatsapp_cloud"],
    ),
    "unknown profile": (
        "agency: kota\nhubs:\n  sp4n: {profile: lapor, url: http://h}\n",
        ["muara.yaml:3", "hubs.sp4n.profile", '"lapor"', "sandbox"],
    ),
    "no hours": (
        'agency: kota\nhubs:\n  sp4n: {profile: sandbox, url: http://h, rests: ["malam"]}\n',
        ["muara.yaml:3", "hubs.sp4n.rests", '"malam"', '"23:00-01:00"'],
    ),
    "unknown category": (
        "agency: kota\nhubs:\n  sp4n:\n    {profile: sandbox, url: http://h, categories: [lampu]}\n",
        ["muara.yaml:4", "hubs.sp4n.categories", '"lampu"', "lampu_jalan"],
    ),
    "two mistakes": ("agency: kota\nzoen: x\nhttp: {prot: 1}\n", ["muara.yaml:2", "muara.yaml:3"]),
    "mail without a server": (
        "agency: kota\nsources:\n  surel: {channel: email, settings: {address: a@kota.example}}\n",
        ["surel", "smtp"],
    ),
    "a table without an address": ("agency: kota\nsources:\n  air: {channel: opd_table}\n", ["air", "database"]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_configuration_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    home = tmp_path
    make_key(home / "master.key")
    text, words = CASES[name]
    (home / "muara.yaml").write_text(text, encoding="utf-8")
    refused(muara("up", "--home", home, "--port", "0"), *words)
    assert not (home / "data" / "store.db").exists(), "nothing is begun under a wrong configuration"
    checked = muara("check", "--home", home, "--json")
    assert checked.returncode == 1
    told = " ".join(finding["words"] for finding in checked.json() if not finding["ok"])
    assert all(word in told for word in words), told


def test_a_file_that_is_no_utf8(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert muara("init", home).returncode == 0
    (home / "muara.yaml").write_bytes("agency: kota\nzone: x # é\n".encode("latin-1"))
    refused(muara("up", "--home", home), "muara.yaml:2", "UTF-8")


def test_a_recipe_of_ones_own_that_is_wrong(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert muara("init", home).returncode == 0
    (home / "channels" / "loket.yaml").write_text("channel: loket\ntitel: Loket\n", encoding="utf-8")
    refused(muara("up", "--home", home, "--port", "0"), "loket.yaml:2", 'did you mean "title"?')
