"""A recipe drafted from a shape never seen: every field that a person would find at once, and no real person in it."""

import json
from typing import Any

import pytest

from recipes.channel import Channel
from recipes.document import parse_text
from recipes.drafting.drafting import Draft, Sample, draft, missing
from recipes.drafting.invented import Invented
from recipes.drafting.writing import write_recipe
from recipes.examples import run_examples
from recipes.inbound import Inbound
from recipes.mapped import Mapped
from recipes.models import Recipe

DISHUB = {
    "meta": {"versi": 3, "kirim": "24-11-2026 pukul 14.05 WITA"},
    "data": [
        {
            "No. Aduan": 8841,
            "warga": {"nama lengkap": "Luh Sekar", "hp/wa": "0812-3456-7890"},
            "jenis": "K",
            "uraian": "<p>Lampu lalu lintas di simpang pasar mati, hubungi Luh Sekar.</p>",
            "titik": "-8,1120; 115,0880",
            "foto1": "https://dishub.example/a.jpg",
            "foto2": "https://dishub.example/b.jpg",
        }
    ],
}
HOSPITAL = {
    "nomor_tiket": "RS-2026-000123",
    "waktu": "24/11/2026 14:05",
    "pasien": {"nama": "Ketut Arka", "kontak": "0812-3456-7890", "NIK": "3201234567890123"},
    "keluhan": {"isi": "Antrean farmasi lebih dari 3 jam, kursi tunggu tidak cukup.", "unit": "Farmasi"},
    "lampiran": [{"nama": "lift.jpg", "tautan": "https://rsud.example/f/1", "tipe": "image/jpeg"}],
    "petugas": {"nama": "Made Wira"},
}
ENGLISH = {
    "event": "complaint.created",
    "payload": {
        "ticketNo": "PDAM-77",
        "submittedAt": 1764054600,
        "customer": {"fullName": "Budi Laksana", "mobile": "+62 812 9988 7766", "email": "budi@laksana.example"},
        "complaintText": "Water has been off since last night in Gang Mawar",
        "subject": "No water",
        "lat": -6.2,
        "lng": 106.8,
        "anonymous": False,
        "photos": ["https://pdam.example/1.jpg", "https://pdam.example/2.jpg"],
    },
}
ROWS: list[dict[str, Any]] = [
    {
        "id": 1,
        "tgl": "2026-11-25 07:00:00",
        "pelapor": "Siti Rahma",
        "telp": "081298765432",
        "laporan": "Jalan berlubang",
    },
    {
        "id": 2,
        "tgl": "2026-11-25 08:00:00",
        "pelapor": "Joko Seno",
        "telp": "081298765433",
        "laporan": "Pohon tumbang lagi",
    },
]


def paths(found: Draft) -> dict[str, str]:
    return {field: each.leaf.path for field, each in found.guesses.items()}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            DISHUB,
            {
                "external_id": 'data."No. Aduan"', "text": "data.uraian", "name": 'data.warga."nama lengkap"',
                "phone": 'data.warga."hp/wa"', "category": "data.jenis", "sent_at": "kirim", "location": "data.titik",
                "attachments": "data.foto1",
            },
        ),
        (
            HOSPITAL,
            {
                "external_id": "nomor_tiket", "text": "keluhan.isi", "name": "pasien.nama", "phone": "pasien.kontak",
                "category": "keluhan.unit", "sent_at": "waktu", "attachments": "lampiran",
            },
        ),
        (
            ENGLISH,
            {
                "external_id": "payload.ticketNo", "text": "payload.complaintText", "title": "payload.subject",
                "name": "payload.customer.fullName", "phone": "payload.customer.mobile",
                "email": "payload.customer.email", "sent_at": "payload.submittedAt", "latitude": "payload.lat",
                "longitude": "payload.lng", "anonim": "payload.anonymous", "attachments": "payload.photos",
            },
        ),
        (
            ROWS,
            {
                "external_id": "pesan.id", "text": "pesan.laporan", "name": "pesan.pelapor", "phone": "pesan.telp",
                "sent_at": "pesan.tgl",
            },
        ),
    ],
)  # fmt: skip
def test_what_a_person_would_find_is_found(document: Any, expected: dict[str, str]) -> None:  # noqa: ANN401 a sample
    found = draft(Sample(document, "json"))
    assert paths(found) == expected
    assert not set(missing(found)) & expected.keys()


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("24/11/2026 14:05", "DD/MM/YYYY HH:mm"),
        ("24-11-2026 pukul 14.05 WITA", "DD-MM-YYYY [pukul] HH.mm Z"),
        ("3 November 2026", "D MMMM YYYY"),
        ("Senin, 2 November 2026 07.15", "dddd, D MMMM YYYY HH.mm"),
        ("11/24/2026 02:05 PM", "MM/DD/YYYY hh:mm A"),
        ("2026-11-24T07:05:00Z", None),
        (1764054600, None),
        ("1764054600123", None),
    ],
)
def test_how_times_are_written(written: object, form: str | None) -> None:
    found = draft(Sample({"isi": "Lampu jalan mati sejak kemarin", "waktu": written}, "json"))
    assert found.receive["sent_at"] == ({"timestamp": "waktu", "format": form} if form else {"timestamp": "waktu"})


@pytest.mark.parametrize("document", [DISHUB, HOSPITAL, ENGLISH, ROWS])
def test_the_draft_is_a_recipe_whose_example_holds_and_names_nobody(document: Any) -> None:  # noqa: ANN401 a sample
    text, _ = write_recipe("dinas", [Sample(document, "json")], transport="webhook")
    channel = Channel(parse_text(text, "dinas.yaml").build(Recipe))
    assert [str(result) for result in run_examples(channel) if not result.passed] == []
    for real in ("Sekar", "Arka", "Laksana", "Rahma", "Seno", "Wira", "3456", "9988", "98765", "3201234567890123"):
        assert real not in text, real
    # And it reads the real thing.
    body = json.dumps(document).encode()
    items = channel.split(Inbound(body, "application/json"))
    assert len(items) == len(document if isinstance(document, list) else document.get("data", [0]))
    for item in items:
        mapped = channel.map(item.payload, item.media_type, zone="Asia/Jakarta")
        assert isinstance(mapped, Mapped)
        assert mapped.text
        assert mapped.phone == item.sender or mapped.phone


def test_what_was_only_guessed_is_marked_where_it_stands() -> None:
    text, found = write_recipe(
        "dinas", [Sample({"catatan": "Lampu jalan mati sejak kemarin sore"}, "json")], transport="webhook"
    )
    assert not found.guesses["text"].sure
    assert "text: catatan  # guess" in text
    assert "Not found in the sample: external_id" in text


def test_nothing_is_made_of_what_is_no_complaint() -> None:
    with pytest.raises(ValueError, match="nothing in sample looks like a complaint"):
        write_recipe("dinas", [Sample({"status": "ok"}, "json")], transport="webhook")


def test_one_person_stays_one_person() -> None:
    invented = Invented()
    first = invented(
        {"nama": "Luh Sekar", "hp": "0812-3456-7890", "isi": "Luh Sekar, wa +62 812-3456-7890, tiket 20261124001"}
    )
    second = invented(
        {"pelapor": "Luh Sekar", "telp": 6281234567890, "email": "Luh@sekar.example", "cc": "luh@sekar.example"}
    )
    assert first == {
        "nama": "Warga Contoh", "hp": "0811-0000-0001", "isi": "Warga Contoh, wa +62 811-0000-0001, tiket 20261124001",
    }  # fmt: skip
    assert second == {
        "pelapor": "Warga Contoh", "telp": 6281100000001, "email": "warga1@warga.example", "cc": "warga1@warga.example",
    }  # fmt: skip


ANSWERS = {
    "form_response": {
        "definition": {"id": "rumus9", "title": "Pengaduan Warga"},
        "token": "a3a12ec67a",
        "answers": [
            {"type": "text", "text": "Luh Sekar", "field": {"id": "f1", "ref": "nama"}},
            {"type": "phone_number", "phone_number": "+6281234567890", "field": {"id": "f2", "ref": "hp"}},
            {
                "type": "text",
                "text": "Lampu depan pasar mati sudah seminggu",
                "field": {"id": "f3", "ref": "isi"},
            },
            {"type": "file_url", "file_url": "https://form.example/1.png", "field": {"id": "f4", "ref": "foto"}},
        ],
    }
}
QUESTIONS = {
    "formID": "232",
    "submissionID": "5877654321",
    "webhookURL": "https://hook.example",
    "pretty": [
        {"label": "Nama lengkap", "value": "Luh Sekar"},
        {"label": "No. WA", "value": "0812-3456-7890"},
        {"label": "Isi laporan 'Anda'", "value": "Got mampet, banjir tiap hujan, sudah lapor Luh Sekar"},
        {"label": "Alamat kejadian", "value": "Gg. Buntu No 4"},
        {"label": "Foto", "value": ["https://form.example/1.png"]},
    ],
}


@pytest.mark.parametrize(
    ("document", "text", "photo", "identity"),
    [
        (ANSWERS, "Lampu depan pasar mati sudah seminggu", "https://form.example/1.png", None),
        (
            QUESTIONS,
            "Got mampet, banjir tiap hujan, sudah lapor Warga Contoh",
            "https://form.example/1.png",
            "5877654321",
        ),
    ],
)
def test_questions_and_answers_are_the_fields_of_a_form(
    document: Any,  # noqa: ANN401 a sample
    text: str,
    photo: str,
    identity: str | None,
) -> None:
    written, _ = write_recipe("formulir", [Sample(document, "json")], transport="webhook")
    recipe = parse_text(written, "formulir.yaml").build(Recipe)
    example = recipe.examples[0].model_dump(mode="json", exclude_unset=True)["expect"][0]
    assert example["complaint"]["text"] == text
    assert example["complaint"]["reporter"]["phone"] == "+6281100000001"
    assert [each["url"] for each in example["complaint"]["attachments"]] == [photo]
    assert example.get("external_id") == identity
    assert "Sekar" not in written


def test_an_address_is_put_together_and_a_point_is_read_whatever_its_make() -> None:
    text, _ = write_recipe(
        "lokasi",
        [
            Sample(
                {
                    "isi": "Trotoar rusak dan berlubang di depan sekolah",
                    "dibuat": "25-11-2026 07:45:10",
                    "alamat": "Jl. Anggrek 5",
                    "lok": {"rt": 3, "kel": "Sukorejo", "kecamatan": "Kec. Ngadirejo"},
                    "geo": {"type": "Point", "coordinates": [112.75, -7.25]},
                    "media": {"edges": [{"node": {"src": "https://cdn.example/1.webp"}}]},
                },
                "json",
            )
        ],
        transport="webhook",
    )
    recipe = parse_text(text, "lokasi.yaml").build(Recipe)
    complaint = recipe.examples[0].model_dump(mode="json", exclude_unset=True)["expect"][0]["complaint"]
    assert complaint["address"] == "Jl. Anggrek 5, RT 3, Kel. Sukorejo, Kec. Ngadirejo"
    assert (complaint["location"]["latitude"], complaint["location"]["longitude"]) == (-7.25, 112.75)
    assert [each["url"] for each in complaint["attachments"]] == ["https://cdn.example/1.webp"]
    assert complaint["sent_at"] == "2026-11-25T00:45:10Z"
    assert "category" not in complaint


def test_a_list_of_addresses_is_drafted_once() -> None:
    ticket = {"no": "RS-1", "uraian": "Lift rusak di gedung B", "foto": ["https://rs.example/1.jpg"]}
    text, _ = write_recipe("daftar", [Sample(ticket, "json")], transport="webhook")
    recipe = parse_text(text, "daftar.yaml").build(Recipe)
    assert [(each.each, each.url) for each in recipe.map.attachments] == [("foto", "@")]
