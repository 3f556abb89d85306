"""`muara check`: every finding, good and bad, with its remedy."""

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

import connectors
from tests.cli.conftest import Run, query, rewrite
from tests.outside import Done, free_ports, refused

HUB = "hubs:\n  sp4n: {profile: sandbox, url: URL, secrets: {token: SP4N_TOKEN}}\n"
TOKEN = {"SP4N_TOKEN": "t"}


class Answering(BaseHTTPRequestHandler):
    """A hub that is up."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the library's name
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def well(fresh: Path) -> Path:
    """A home in which nothing is wrong."""
    (port,) = free_ports(1)
    rewrite(fresh, "port: 8400", f"port: {port}")
    return fresh


def findings(done: Done, code: int) -> dict[str, list[tuple[bool, str]]]:
    """By what was looked at."""
    assert done.returncode == code, done.said
    assert done.err == ""
    found: dict[str, list[tuple[bool, str]]] = {}
    for each in json.loads(done.out):
        assert list(each) == ["what", "ok", "words"]
        found.setdefault(each["what"], []).append((each["ok"], each["words"]))
    return found


def bad(cli: Run, home: Path, env: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """What is wrong with a home, of which something is."""
    found = findings(cli("check", "--home", home, "--json", env=env), 1)
    return [(what, words) for what, each in found.items() for ok, words in each if not ok]


def test_all_is_well(cli: Run, well: Path, hub: str) -> None:
    rewrite(well, "hubs: {}", HUB.replace("URL", hub))
    found = findings(cli("check", "--home", well, "--json", env=TOKEN), 0)
    assert list(found) == [
        "configuration", "recipes", "sources", "rules", "master key", "data", "disk", "http port", "hub sp4n", "feed",
    ]  # fmt: skip
    assert found["hub sp4n"] == [(True, f"{hub} answers (404); mode shadow")]
    assert "`muara keys new NAME`" in found["feed"][0][1]
    assert not (well / "data").exists()


def test_in_words_for_people(cli: Run, well: Path) -> None:
    done = cli("check", "--home", well)
    assert done.returncode == 0
    assert done.err == ""
    assert all(line.startswith("ok  ") for line in done.out.splitlines())
    rewrite(well, "zone: Asia/Jakarta", "zone: Asia/Bandung")
    done = cli("check", "--home", well)
    assert done.returncode == 1
    assert done.out.startswith("no  configuration: ")


def test_sources_that_are_asked_are_asked(cli: Run, well: Path, hub: str) -> None:
    sources = (
        f'sources:\n  tetangga: {{channel: open311, settings: {{url: "{hub}"}}}}\n'
        f'  pdam: {{channel: opd_table, settings: {{database: "sqlite:///{well}/tidak-ada.db"}}}}\n'
    )
    rewrite(well, "sources: {}\n", sources)
    assert bad(cli, well) == [
        (
            "source tetangga",
            "the server answers 404 (Not Found) to /requests.json: correct `url`, the recipe's path or its parameters",
        ),
        ("source pdam", f"unable to open {well}/tidak-ada.db: is the file there, and may this user read it?"),
    ]


def test_a_home_with_data(cli: Run, home: Path) -> None:
    found = findings(cli("check", "--home", home, "--json"), 1)
    assert found["data"] == [(True, f"{home / 'data'}: log and store can be written")]
    assert "store" not in found
    assert "log" not in found
    # The demonstration's secrets and its hub are gone.
    said = [words for _, words in found["secrets"]]
    assert 'source "wa-kota": the environment variable DEMO_WA_APP_SECRET (secret "app_secret") is not set' in said[0]
    assert all("set it before Muara starts" in words for words in said)


def test_an_agencys_own_rules_are_read_and_tried(cli: Run, well: Path) -> None:
    (well / "rules").mkdir()
    own = well / "rules" / "categories.yaml"
    own.write_text(
        "extends: shipped\nversion: kota-1\ncases: [{text: sampah menumpuk, category: hewan}]\n", encoding="utf-8"
    )
    ((what, words),) = bad(cli, well)
    assert what == "rules"
    assert "'sampah menumpuk' is of sampah, not hewan" in words
    own.write_text("extends: shipped\n", encoding="utf-8")
    assert bad(cli, well)[0] == ("rules", f"{own}:1: version: Field required")
    own.write_text("extends: shipped\nversion: kota-1\nminimum: 0.6\n", encoding="utf-8")
    assert findings(cli("check", "--home", well, "--json"), 0)["rules"][0][1].startswith(
        "categories.yaml of this home; "
    )


def test_no_home(cli: Run, tmp_path: Path) -> None:
    assert bad(cli, tmp_path) == [
        ("configuration", f"{tmp_path} has no muara.yaml: make one with `muara init {tmp_path}`")
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("zone: Asia/Jakarta", "zona: Asia/Jakarta", "zone"),
        ("zone: Asia/Jakarta", "zone: Asia/Bandung", "Asia/Jakarta"),
        ("port: 8400", "port: 84000", "65535"),
        ("hubs: {}", "hubs: {", "muara.yaml"),
    ],
)
def test_a_wrong_configuration(cli: Run, fresh: Path, old: str, new: str, words: str) -> None:
    rewrite(fresh, old, new)
    ((what, said),) = bad(cli, fresh)
    assert what == "configuration"
    assert words in said
    assert "muara.yaml" in said


def test_a_source_of_no_channel(cli: Run, well: Path) -> None:
    rewrite(well, "sources: {}", "sources:\n  wa: {channel: whatsap_cloud}")
    ((what, said),) = bad(cli, well)
    assert what == "recipes"
    assert 'there is no channel "whatsap_cloud"' in said
    assert "whatsapp_cloud" in said


def test_a_recipe_whose_example_fails(cli: Run, well: Path, tmp_path: Path) -> None:
    shipped = Path(connectors.__file__).parent / "channels" / "kecamatan_csv.yaml"
    text = shipped.read_text(encoding="utf-8").replace("channel: kecamatan_csv", "channel: kelurahan", 1)
    assert "telepon: 0811-0000-0031" in text
    (well / "channels" / "kelurahan.yaml").write_text(
        text.replace("telepon: 0811-0000-0031", "telepon: 0811-0000-0039", 1), encoding="utf-8"
    )
    ((what, said),) = bad(cli, well)
    assert what == "recipes"
    assert "kelurahan" in said
    assert "+6281100000039" in said


def test_sources_that_cannot_be_served(cli: Run, well: Path) -> None:
    rewrite(
        well,
        "sources: {}",
        "sources:\n  a: {channel: opd_webhook, path: x}\n  b: {channel: opd_webhook, path: x}\n"
        "  surel: {channel: email, settings: {address: lapor@kota.example}}",
    )
    said = [words for what, words in bad(cli, well) if what == "sources"]
    assert any("give it another `path`" in words for words in said)
    assert any("add `smtp:`" in words for words in said)
    assert any('"a"' in words and "api_key" in words for words in said)


def test_a_secret_that_is_not_set(cli: Run, well: Path) -> None:
    rewrite(well, "sources: {}", "sources:\n  rs: {channel: opd_webhook, secrets: {api_key: RS_KEY}}")
    assert any(what == "secrets" and "RS_KEY" in words for what, words in bad(cli, well))
    findings(cli("check", "--home", well, "--json", env={"RS_KEY": "k"}), 0)


def test_no_master_key(cli: Run, well: Path) -> None:
    (well / "master.key").unlink()
    ((what, said),) = bad(cli, well)
    assert what == "master key"
    assert "from its backup" in said


def test_another_master_key(cli: Run, home: Path) -> None:
    (home / "master.key").write_text("ab" * 32)
    said = dict(bad(cli, home))["master key"]
    assert "was sealed with" in said
    assert "restore" in said


def test_a_damaged_store(cli: Run, home: Path) -> None:
    (home / "data" / "store.db").write_bytes(b"no database" * 1000)
    assert "restore it from a backup" in dict(bad(cli, home))["data"]


def test_another_number_of_partitions_than_the_log_has(cli: Run, home: Path) -> None:
    rewrite(home, "partitions: 1", "partitions: 4")
    assert "partitions: 1, which cannot change" in dict(bad(cli, home))["log"]


def test_records_that_left_the_log(cli: Run, home: Path) -> None:
    query(home, "DELETE FROM records WHERE rowid = (SELECT max(rowid) FROM records)", database="log.db")
    assert "records" in dict(bad(cli, home))["log"]


def test_tables_of_another_revision_are_told_and_left_alone(cli: Run, home: Path) -> None:
    query(home, "UPDATE portal_version SET version_num = '0000'")
    found = findings(cli("check", "--home", home, "--json"), 1)
    ((ok, words),) = found["store"]
    assert ok
    assert "at revision 0000" in words
    assert "`muara up`" in words
    assert query(home, "SELECT version_num FROM portal_version") == [("0000",)]


def test_little_room_on_the_disk(cli: Run, well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muara.checking.shutil.disk_usage", lambda _: SimpleNamespace(free=1 << 29))
    ((what, said),) = bad(cli, well)
    assert (what, said.startswith("0.5 GiB free")) == ("disk", True)


def test_ports_that_others_hold(cli: Run, well: Path) -> None:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
            each.listen()
        text = (well / "muara.yaml").read_text()
        port = text.split("port: ")[-1].split("}")[0]
        rewrite(well, f"port: {port}", f"port: {one.getsockname()[1]}")
        rewrite(well, "  webhook: {}\n", f"  webhook: {{}}\n  smtp: {{port: {other.getsockname()[1]}}}\n")
        found = dict(bad(cli, well))
    assert list(found) == ["http port", "smtp port"]
    assert all("choose another in muara.yaml" in words for words in found.values())


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70, "192.0.2.1"])
def test_an_address_that_is_not_this_machines(cli: Run, well: Path, host: str) -> None:
    rewrite(well, "host: 127.0.0.1", f"host: {host}")
    assert "cannot be had" in dict(bad(cli, well))["http port"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:PORT", "http://", "http://127.0.0.1:99999", "http://[bad"])
def test_a_hub_that_does_not_answer(cli: Run, well: Path, url: str) -> None:
    (port,) = free_ports(1)
    rewrite(well, "hubs: {}", HUB.replace("URL", f'"{url.replace("PORT", str(port))}"'))
    ((what, said),) = bad(cli, well, TOKEN)
    assert what == "hub sp4n"
    assert "is the address right, is it up?" in said


def test_a_hub_without_its_profile_or_its_secret(cli: Run, well: Path) -> None:
    rewrite(well, "hubs: {}", HUB.replace("URL", "http://127.0.0.1:1").replace("sandbox", "sandbx"))
    assert 'there is no hub profile "sandbx"' in dict(bad(cli, well, TOKEN))["hubs"]
    rewrite(well, "sandbx", "sandbox")
    assert "SP4N_TOKEN is not set" in dict(bad(cli, well))["hubs"]


def test_an_option_that_there_is_not(cli: Run, fresh: Path) -> None:
    refused(cli("check", "--home", fresh, "--jsn"), "No such option: --jsn")
