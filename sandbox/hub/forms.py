"""What a sender may post to the simulated hub. Fields follow SP4N's public form; the JSON is assumed."""

import base64
import binascii
import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Story = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=100_000)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 ().-]{5,24}$")]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$")]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Revision = Annotated[int, Field(ge=1)]

MAX_ATTACHMENTS = 20


class Form(BaseModel):
    """Base of all forms: a field that the form does not know is an error, not something to drop in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reporter(Form):
    """Who complains (*pelapor*). Contact data are checked by the report, since an anonymous one needs none."""

    nama: Line | None = None
    telepon: Phone | None = None
    surel: Email | None = None


class Attachment(Form):
    """One file (*lampiran*): its name, media type, size in bytes and SHA-256 in hex; the content is optional."""

    nama: Line
    jenis: Annotated[str, StringConstraints(pattern=r"^[\w.+-]+/[\w.+-]+$", max_length=120)]
    ukuran: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    isi_base64: str | None = None

    @model_validator(mode="after")
    def _content_agrees(self) -> Self:
        if self.isi_base64 is None:
            return self
        try:
            content = base64.b64decode(self.isi_base64, validate=True)
        except (binascii.Error, ValueError):
            raise PydanticCustomError("lampiran_base64", "not base64") from None
        if len(content) != self.ukuran or hashlib.sha256(content).hexdigest() != self.sha256:
            raise PydanticCustomError("lampiran_rusak", "content does not match")
        return self


Attachments = Annotated[list[Attachment], Field(max_length=MAX_ATTACHMENTS)]


class NewReport(Form):
    """A new report (*laporan*), as the public form asks for it."""

    referensi: Reference = Field(description="The sender's own reference; the hub can be asked for it later.")
    judul: Title
    isi: Story
    klasifikasi: Literal["pengaduan", "aspirasi", "permintaan_informasi"]
    tanggal_kejadian: date | None = None
    lokasi_kejadian: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] | None = None
    kode_wilayah: RegionCode | None = Field(None, description="Kemendagri's dotted code, from province to village.")
    lintang: Latitude | None = Field(None, description="Latitude, degrees.")
    bujur: Longitude | None = Field(None, description="Longitude, degrees.")
    instansi_tujuan: Line
    kategori: Line | None = None
    anonim: bool = Field(False, description="Hide the reporter.")
    rahasia: bool = Field(False, description="Hide the report.")
    pelapor: Reporter | None = None
    kanal: Line = Field(description="The channel that the citizen used.")
    lampiran: Attachments = []
    jumlah_pendukung: Count = 0
    revisi: Revision = 1

    @field_validator("tanggal_kejadian")
    @classmethod
    def _not_in_the_future(cls, value: date | None) -> date | None:
        # Indonesia is ahead of UTC by up to nine hours: its today may be our tomorrow.
        if value is not None and value > (datetime.now(UTC) + timedelta(hours=9)).date():
            raise PydanticCustomError("tanggal_depan", "in the future")
        return value

    @model_validator(mode="after")
    def _reporter_can_be_reached(self) -> Self:
        who = self.pelapor
        if not self.anonim and (who is None or not who.nama or not (who.telepon or who.surel)):
            raise PydanticCustomError("pelapor_kurang", "reporter incomplete")
        if (self.lintang is None) != (self.bujur is None):
            raise PydanticCustomError("koordinat_kurang", "half a coordinate")
        return self


class Supporter(Form):
    """A further citizen or message that supports a report (*pendukung*)."""

    referensi: Reference
    nama: Line | None = None
    kanal: Line | None = None


class Update(Form):
    """A change of a report that the hub already has. What is left out stays as it is; additions are appended.

    `revisi` is the sender's own revision: an older one than the hub has seen is refused.
    """

    revisi: Revision
    judul: Title | None = None
    isi: Story | None = None
    tambahan: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100_000)] | None = Field(
        None, description="Text to append to the report."
    )
    klasifikasi: Literal["pengaduan", "aspirasi", "permintaan_informasi"] | None = None
    lokasi_kejadian: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] | None = None
    kode_wilayah: RegionCode | None = None
    lintang: Latitude | None = None
    bujur: Longitude | None = None
    kategori: Line | None = None
    anonim: bool | None = None
    rahasia: bool | None = None
    jumlah_pendukung: Count | None = None
    pendukung: Annotated[list[Supporter], Field(max_length=1000)] = Field(
        [], description="Supporters to add; one whose reference is known already is not added twice."
    )
    lampiran: Attachments = Field(
        [], description="Files to add; one whose SHA-256 is known already is not added twice."
    )


class NewComment(Form):
    """A remark on a report (*komentar*). One by the reporter moves a report that the agency has answered."""

    revisi: Revision
    isi: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100_000)]
    dari: Literal["pelapor", "pengirim"] = Field("pelapor", description="The citizen, or the sender's own system.")
