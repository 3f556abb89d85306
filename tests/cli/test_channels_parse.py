"""`muara channels parse`: what would become of a delivery."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

import connectors
from tests.cli.conftest import Run, rewrite
from tests.outside import Done, refused

CHANNELS = Path(connectors.__file__).parent / "channels"
KEYS = ["file", "outcome", "reason", "signature", "message_id", "external_id", "complaint"]
WHATSAPP = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "1",
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "metadata": {"phone_number_id": "2"},
                        "contacts": [{"profile": {"name": "Wayan"}, "wa_id": "6281100000001"}],
                        "messages": [
                            {
                                "from": "6281100000001", "id": "wamid.A", "timestamp": "1795492800", "type": "text",
                                "text": {"body": "Selamat pagi pak, lampu jalan di Jl. Kenanga mati. Sudah 3 hari."},
                            },
                            {
                                "from": "6281100000001", "id": "wamid.B", "timestamp": "1795492801", "type": "image",
                                "image": {"id": "990", "mime_type": "image/jpeg"},
                            },
                            {
                                "from": "6281100000001", "id": "wamid.C", "timestamp": "1795492802", "type": "location",
                                "location": {"latitude": -6.12, "longitude": 106.15, "name": "Pasar"},
                            },
                            {"from": "6281100000001", "id": "wamid.D", "timestamp": "1795492803", "type": "reaction"},
                        ],
                        "statuses": [{"id": "wamid.E", "status": "delivered"}],
                    },
                }
            ],
        }
    ],
}  # fmt: skip
SMS = {"MessageSid": "SM1", "From": "+6281100000002", "To": "+6281100000099", "Body": "Pohon tumbang", "NumMedia": "0"}
DESK = {"nomor_tiket": "RS-1", "waktu": "24/11/2026 14:05", "pasien": {"nama": "Putu", "kontak": "p@warga.example"},
        "keluhan": {"isi": "Antrean lama", "unit": "Farmasi"}}  # fmt: skip
URL = "https://muara.kota.example/in/sms"


@pytest.fixture
def payload(tmp_path: Path) -> Path:
    path = tmp_path / "kiriman.json"
    path.write_text(json.dumps(WHATSAPP), encoding="utf-8")
    return path


def objects(done: Done) -> list[dict[str, Any]]:
    """One JSON object a line, and nothing else."""
    assert done.returncode == 0, done.said
    assert done.err == ""
    found = [json.loads(line) for line in done.out.splitlines()]
    assert all(list(each) == KEYS for each in found)
    return found


def parsed(cli: Run, channel: str | Path, path: Path, *more: str, env: dict[str, str] | None = None) -> Any:  # noqa: ANN401 JSON
    return objects(cli("channels", "parse", channel, "--payload", path, "--json", *more, env=env))


def test_one_object_a_message_in_the_clear(cli: Run, payload: Path) -> None:
    text, image, place, reaction, receipt = parsed(cli, "whatsapp_cloud", payload)
    assert {key: value for key, value in text.items() if key != "message_id"} == {
        "file": "kiriman.json",
        "outcome": "accepted",
        "reason": None,
        "signature": "not checked",
        "external_id": "wamid.A",
        "complaint": {
            "text": "Selamat pagi pak, lampu jalan di Jl. Kenanga mati. Sudah 3 hari.",
            "title": text["complaint"]["title"],
            "reporter": {"name": "Wayan", "phone": "+6281100000001", "email": None},
            "sent_at": "2026-11-24T04:00:00Z",
            "attachments": [],
            "location": None,
        },
    }
    assert text["message_id"]
    assert image["complaint"]["attachments"] == [{"media_type": "image/jpeg", "media_id": "990"}]
    assert place["complaint"]["location"] == {"latitude": -6.12, "longitude": 106.15, "name": "Pasar", "address": None}
    assert (reaction["outcome"], reaction["reason"], reaction["complaint"]) == ("ignored", "reaction", None)
    assert (receipt["outcome"], receipt["reason"]) == ("ignored", "receipt:delivered")


def test_a_title_is_made_of_the_text_and_of_nothing_else(cli: Run, payload: Path) -> None:
    text, image, *_ = parsed(cli, "whatsapp_cloud", payload)
    assert text["complaint"]["title"].startswith("Lampu jalan di Jl. Kenanga mati")
    assert (image["complaint"]["text"], image["complaint"]["title"]) == ("", None)


def test_a_title_of_the_senders_own_stays(cli: Run, tmp_path: Path) -> None:
    mail = tmp_path / "surat.eml"
    mail.write_bytes(
        b"From: Putu <putu@warga.example>\r\nTo: lapor@kota.example\r\nSubject: Sampah menumpuk\r\n"
        b"Message-ID: <1@warga.example>\r\nDate: Tue, 24 Nov 2026 14:05:00 +0700\r\n\r\nSejak Senin tidak diangkut.\r\n"
    )
    (found,) = parsed(cli, "email", mail)
    assert found["complaint"]["title"] == "Sampah menumpuk"
    assert found["complaint"]["reporter"] == {"name": "Putu", "phone": None, "email": "putu@warga.example"}
    assert found["complaint"]["sent_at"] == "2026-11-24T07:05:00Z"


def test_in_words_for_people(cli: Run, payload: Path) -> None:
    done = cli("channels", "parse", "whatsapp_cloud", "--payload", payload)
    assert (done.returncode, done.err) == (0, "")
    assert "accepted  kiriman.json  signature not checked  id wamid.A" in done.out
    assert "ignored (reaction)" in done.out
    assert "title: Lampu jalan" in done.out


def test_a_folder_is_gone_through_file_by_file(cli: Run, tmp_path: Path) -> None:
    folder = tmp_path / "kiriman"
    (folder / "lama").mkdir(parents=True)
    for name, body in {"b.txt": urlencode(SMS).encode(), "a.bin": b"\x00\xff", "lama/c": b"", "d=1.txt": b"[]"}.items():
        (folder / name).write_bytes(body)
    found = parsed(cli, "twilio_sms", folder)
    assert [(each["file"], each["outcome"]) for each in found] == [
        ("a.bin", "dead"), ("b.txt", "accepted"), ("d=1.txt", "dead"), ("c", "dead"),
    ]  # fmt: skip
    assert all(each["reason"] for each in found if each["outcome"] == "dead")


HOSTILE = [
    b"", b"\x00", b"\xff\xfe\xfa", b"null", b"[]", b"{}", b'"\\ud800"', b"{" * 5000, b"[" * 100_000, b"1e999",
    b'{"entry": 1}', b'{"entry": [{"changes": [{"field": "messages", "value": {"messages": [null, 1, "x", {}]}}]}]}',
    b'a;b\r\n"1;2\r\n', b"MessageSid=%00%ff&Body=%ed%a0%80", b"From: \xff\r\n\r\n\x00", b"=" * 10_000,
    b"\xef\xbb\xbf{}",
]  # fmt: skip


@pytest.mark.parametrize("channel", sorted(path.stem for path in CHANNELS.glob("*.yaml")))
def test_hostile_bytes_are_never_dropped_in_silence(cli: Run, tmp_path: Path, channel: str) -> None:
    for number, body in enumerate(HOSTILE):
        (tmp_path / f"{number:02}").write_bytes(body)
    found = parsed(cli, channel, tmp_path)
    assert {each["file"] for each in found} == {f"{number:02}" for number in range(len(HOSTILE))}
    assert all(each["outcome"] in ("accepted", "ignored", "rejected", "dead") for each in found)
    assert all(each["reason"] or each["complaint"] for each in found)


def whatsapp_header(body: bytes, secret: str) -> str:
    return f"X-Hub-Signature-256: sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"


def test_the_signature_of_whatsapp(cli: Run, payload: Path) -> None:
    good = whatsapp_header(payload.read_bytes(), "s1")
    found = parsed(cli, "whatsapp_cloud", payload, "--secret", "app_secret=s1", "--header", good)
    assert {each["signature"] for each in found} == {"valid"}
    for headers in ([], ["--header", whatsapp_header(payload.read_bytes(), "s2")]):
        (found,) = parsed(cli, "whatsapp_cloud", payload, "--secret", "app_secret=s1", *headers)
        assert (found["outcome"], found["reason"], found["signature"]) == ("rejected", "bad_signature", "invalid")
        assert found["complaint"] is None
    environment = {"MUARA_WHATSAPP_CLOUD_APP_SECRET": "s1"}
    assert parsed(cli, "whatsapp_cloud", payload, "--header", good, env=environment)[0]["signature"] == "valid"


def test_the_signature_of_twilio_covers_the_address(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "sms.txt"
    path.write_text(urlencode(SMS))
    signed = URL + "?desa=1" + "".join(name + value for name, value in sorted(SMS.items()))
    proof = base64.b64encode(hmac.digest(b"t", signed.encode(), hashlib.sha1)).decode()
    given = ("--header", f"X-Twilio-Signature: {proof}", "--secret", "auth_token=t")
    for more in (("--url", f"{URL}?desa=1"), ("--url", URL, "--query", "desa=1")):
        (found,) = parsed(cli, "twilio_sms", path, *given, *more)
        assert (found["signature"], found["complaint"]["text"]) == ("valid", "Pohon tumbang")
        assert found["complaint"]["reporter"]["phone"] == "+6281100000002"
    (found,) = parsed(cli, "twilio_sms", path, *given, "--url", f"{URL}?desa=2")
    assert (found["outcome"], found["signature"]) == ("rejected", "invalid")
    (found,) = parsed(cli, "twilio_sms", path, *given)  # nobody said which address
    assert (found["outcome"], found["signature"]) == ("accepted", "not checked")


@pytest.mark.parametrize("name", ["X-API-Key", "x-api-key"])
def test_the_key_of_an_agencys_desk(cli: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / "aduan"
    path.write_text(json.dumps(DESK))
    secret = ("--secret", "api_key=k=1")
    (found,) = parsed(cli, "opd_webhook", path, *secret, "--header", f"{name}:k=1")
    assert (found["signature"], found["external_id"]) == ("valid", "RS-1")
    assert found["complaint"]["reporter"]["email"] == "p@warga.example"
    (found,) = parsed(cli, "opd_webhook", path, *secret, "--header", f"{name}: k")
    assert (found["outcome"], found["signature"]) == ("rejected", "invalid")


def test_the_content_type_decides_how_it_is_read(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "aduan"
    path.write_text(urlencode({"nomor_tiket": "RS-2", "waktu": "24/11/2026 14:20", "isi": "Toilet kotor"}))
    form = "Content-Type: application/x-www-form-urlencoded"
    assert parsed(cli, "opd_webhook", path, "--header", form)[0]["complaint"]["text"] == "Toilet kotor"
    assert parsed(cli, "opd_webhook", path, "--header", "Content-Type: application/json")[0]["outcome"] == "dead"


SOURCES = """sources:
  rs-a: {channel: opd_webhook, secrets: {api_key: KEY_A}}
  rs-b: {channel: opd_webhook, secrets: {api_key: [KEY_B, KEY_B_OLD]}}
  sms: {channel: twilio_sms}
"""


def test_a_configured_source_has_its_own_secrets(cli: Run, fresh: Path, tmp_path: Path) -> None:
    rewrite(fresh, "sources: {}\n", SOURCES)
    path = tmp_path / "aduan"
    path.write_text(json.dumps(DESK))
    given = ("--home", str(fresh), "--header", "X-API-Key: old")
    env = {"KEY_A": "a", "KEY_B": "new", "KEY_B_OLD": "old"}
    assert parsed(cli, "opd_webhook", path, *given, "--source", "rs-b", env=env)[0]["signature"] == "valid"
    assert parsed(cli, "opd_webhook", path, *given, "--source", "rs-a", env=env)[0]["signature"] == "invalid"
    # A source and a secret together: the source, with that secret.
    both = parsed(cli, "opd_webhook", path, *given, "--source", "rs-a", "--secret", "api_key=old", env=env)
    assert both[0]["signature"] == "valid"
    assert (
        both[0]["message_id"]
        != parsed(cli, "opd_webhook", path, "--secret", "api_key=old", *given[2:])[0]["message_id"]
    )


def test_a_recipe_by_its_path_is_the_one_that_is_tried(cli: Run, fresh: Path, tmp_path: Path) -> None:
    """Also where a source has a recipe of the same name: this may be a draft of its next form."""
    rewrite(fresh, "sources: {}\n", SOURCES)
    draft = tmp_path / "draft.yaml"
    text = (CHANNELS / "opd_webhook.yaml").read_text(encoding="utf-8")
    assert "  external_id: nomor_tiket\n" in text
    draft.write_text(text.replace("  external_id: nomor_tiket\n", "  external_id: kode\n"), encoding="utf-8")
    path = tmp_path / "aduan"
    path.write_text(json.dumps({**DESK, "kode": "K-7"}))
    for more in ((), ("--home", str(fresh)), ("--home", str(fresh), "--source", "rs-a")):
        (found,) = parsed(cli, draft, path, *more)
        assert found["external_id"] == "K-7"


def test_rows_of_a_file(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "buku.csv"
    path.write_text(
        "no;tanggal;nama;telepon;alamat;isi_laporan\n1;24/11/2026;Wayan;0811-0000-0031;Jl. Mawar;Saluran tersumbat\n"
        "2;31/11/2026;Made;;;Sampah\n"
    )
    good, bad = parsed(cli, "kecamatan_csv", path)
    assert good["complaint"]["reporter"]["phone"] == "+6281100000031"
    assert good["complaint"]["title"] == "Saluran tersumbat"
    assert (bad["outcome"], "31/11/2026" in bad["reason"]) == ("dead", True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("no_such", "--payload", "."), ["there is no channel 'no_such'", "whatsapp_cloud", "the path of a recipe"]),
        (("no_such.yaml", "--payload", "."), ["no_such.yaml"]),
        (("email", "--payload", "no-such-file"), ["no-such-file: no such file or folder"]),
        (("email", "--payload", "EMPTY"), ["holds no files"]),
        (("email", "--payload", "FILE", "--header", "X-API-Key"), ["'X-API-Key' is no header: write 'Name: value'"]),
        (("opd_webhook", "--payload", "FILE", "--secret", "api_key"), ["'api_key' is no secret: write name=value"]),
        (("opd_webhook", "--payload", "FILE", "--secret", "apikey=1"), ["has no secret 'apikey': use api_key"]),
        (("email", "--payload", "FILE", "--secret", "a=1"), ["has no secret 'a': use no --secret at all"]),
        (("email", "--payload", "FILE", "--source", "x", "--home", "EMPTY"), ["has no muara.yaml", "muara init"]),
        (("email", "--payload", "FILE", "--source", "x", "--home", "HOME"), ["there is no source 'x': use one of"]),
        (("email", "--payload", "FILE", "--source", "sms", "--home", "HOME"), ["of the channel twilio_sms"]),
        (("email",), ["Missing option '--payload'"]),
        (("email", "--payload", "FILE", "--jsno"), ["No such option: --jsno"]),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    cli: Run, fresh: Path, payload: Path, arguments: tuple[str, ...], words: list[str]
) -> None:
    rewrite(fresh, "sources: {}\n", SOURCES)
    places = {"EMPTY": str(fresh / "channels"), "FILE": str(payload), "HOME": str(fresh)}
    said = refused(cli("channels", "parse", *(places.get(each, each) for each in arguments)), *words)
    if "option" not in said:
        assert len(said.splitlines()) == 1


def test_what_is_asked_of_the_address_reaches_the_recipe(cli: Run, tmp_path: Path) -> None:
    """A token may stand in the address's parameters, with what is blank or escaped in it."""
    draft = tmp_path / "draft.yaml"
    text = (CHANNELS / "opd_webhook.yaml").read_text(encoding="utf-8")
    draft.write_text(text.replace("header: X-API-Key", "query: kunci", 1), encoding="utf-8")
    path = tmp_path / "aduan"
    path.write_text(json.dumps(DESK))
    query = "kosong=&kunci=a%20b"
    assert dict(parse_qsl(query))["kunci"] == "a b"
    (found,) = parsed(cli, draft, path, "--secret", "api_key=a b", "--query", query)
    assert found["signature"] == "valid"
