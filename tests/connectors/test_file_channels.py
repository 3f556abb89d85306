"""The channels of files, with files as their programs write them."""

from pathlib import Path
from typing import Any

import pytest

from connectors.dry_run import parse
from recipes.inbound import Inbound
from recipes.library import load_channels

from .workbooks import workbook

CHANNELS = load_channels([Path(__file__).parents[2] / "connectors" / "channels"])
FORM = (
    b"Timestamp,Nama Lengkap,Nomor HP (WhatsApp),Tuliskan isi pengaduan Anda!,Unggah foto\r\n"
    b'2026/11/24 2:05:00 PM GMT+7,Gede Contoh,0811-0000-0121,"Sampah menumpuk,\nbau",https://drive.example/open?id=1\r\n'
    b"2026/11/24 2:06:00 PM GMT+7,Luh Contoh,,Lampu mati,\r\n"
)
LICENCES = (
    "NO_ADUAN;TGL_MASUK;JAM_MASUK;PEMOHON;KONTAK;PERIHAL;URAIAN;JENIS_IZIN;LOKASI_USAHA;SAMARKAN (J/T);STATUS\r\n"
    'IZ-1;24.11.2026;14.05;Café Contoh;cv@usaha.example;Izin;"Belum ada kabar;\r\nsudah \x93lengkap\x94";IMB;'
    "Jl. Contoh;J;BARU\r\n"
).encode("latin-1")
SCHOOLS = workbook(
    {
        "November": [
            ["Buku saran dan keluhan"],
            ["No", "Tanggal", "Nama Sekolah", "Nama Orang Tua", "No. HP", "Jenis", "Saran / Keluhan"],
            [1, "24/11/2026", "SDN 4 Contoh", "Luh Contoh", 81100000211, "Keluhan", "Atap bocor"],
            [2, "24/11/2026", None, "Made Contoh", "0811-0000-0212", "Saran", "Pagar dicat"],
        ]
    },
    merged=["C3:C4"],
)


@pytest.mark.parametrize(
    ("channel", "filename", "content", "expected"),
    [
        (
            "gform_csv",
            "jawaban.csv",
            FORM,
            [
                {
                    "text": "Sampah menumpuk,\nbau",
                    "phone": "+6281100000121",
                    "sent_at": "2026-11-24T07:05:00Z",
                    "files": 1,
                },
                {"text": "Lampu mati", "phone": None, "sent_at": "2026-11-24T07:06:00Z", "files": 0},
            ],
        ),
        (
            "perizinan_csv",
            "ekspor.csv",
            LICENCES,
            [
                {
                    "text": "Belum ada kabar;\nsudah “lengkap”",
                    "phone": None,
                    "sent_at": "2026-11-24T07:05:00Z",
                    "files": 0,
                }
            ],
        ),
        (
            "sekolah_xlsx",
            "buku.xlsx",
            SCHOOLS,
            [
                {"text": "Atap bocor", "phone": "+6281100000211", "sent_at": "2026-11-23T17:00:00Z", "files": 0},
                {"text": "Pagar dicat", "phone": "+6281100000212", "sent_at": "2026-11-23T17:00:00Z", "files": 0},
            ],
        ),
    ],
)
def test_a_file_as_its_program_writes_it(
    channel: str, filename: str, content: bytes, expected: list[dict[str, Any]]
) -> None:
    found = parse(CHANNELS[channel], Inbound(content, ""), filename=filename)
    assert [each["outcome"] for each in found] == ["accepted"] * len(expected), found
    said = [each["complaint"] for each in found]
    assert [
        {
            "text": each["text"],
            "phone": each["reporter"]["phone"],
            "sent_at": each["sent_at"],
            "files": len(each["attachments"]),
        }
        for each in said
    ] == expected
