"""What the simulated hub answers: our assumption of a plausible shape, in SP4N's words where it has some."""

from pydantic import BaseModel, Field


class FieldError(BaseModel):
    """What is wrong with one field, in Indonesian and English."""

    kolom: str = Field(description="Dotted path of the field, such as `pelapor.surel`; empty for the whole body.")
    pesan: str


class Refusal(BaseModel):
    """Every answer that is not a success."""

    galat: list[FieldError]
    revisi: int | None = Field(None, description="The revision the hub has, when an older one was refused.")


class Accepted(BaseModel):
    """A report was taken in or changed."""

    tracking_id: str = Field(description="Decimal, to be kept as a string.")
    url: str = Field(description="The public page of the report.")
    status: str
    revisi: int


class CommentAccepted(BaseModel):
    """A remark was taken in."""

    nomor: int
    tracking_id: str
    status: str
    revisi: int


class Comment(BaseModel):
    """One remark on a report."""

    nomor: int
    dari: str
    isi: str
    waktu: str


class Found(BaseModel):
    """One report in the answer to a look-up."""

    tracking_id: str
    referensi: str
    status: str
    url: str
    revisi: int
    dibuat: str


class FoundList(BaseModel):
    """Every report that carries the reference asked for, oldest first."""

    laporan: list[Found]


class Listed(Found):
    """One report in the listing of all."""

    keterangan: str
    otomatis: bool = Field(description="Its state was set by the clock, not by a person.")
    berubah: str = Field(description="When it came to be in this state.")


class Listing(BaseModel):
    """Reports by tracking id. Ask for the next page with `kursor`; null on the last one."""

    laporan: list[Listed]
    kursor: str | None


class ReportView(Found):
    """One report as its sender sees it. The reporter's name is left out of an anonymous one, contacts always."""

    judul: str
    isi: str
    klasifikasi: str
    kategori: str | None
    instansi: str
    kanal: str
    pelapor: str | None
    jumlah_pendukung: int
    lampiran: int
    keterangan: str
    tanggapan: str | None
    komentar: list[Comment]


class Change(BaseModel):
    """One step of a report's life."""

    nomor: int = Field(description="Rises with every change, without gaps that could hide one.")
    tracking_id: str
    referensi: str
    status: str
    keterangan: str = Field(description="The state in SP4N's words, such as `Terdisposisi ke …`.")
    tanggapan: str | None = Field(description="What the agency wrote to the citizen.")
    instansi: str | None = Field(description="The agency that has the report now.")
    otomatis: bool = Field(description="Closed by the clock, not by a person.")
    waktu: str


class Changes(BaseModel):
    """Changes since a cursor, oldest first. Ask again with `kursor`."""

    perubahan: list[Change]
    kursor: str
    lagi: bool = Field(description="More changes are waiting.")


class Entry(BaseModel):
    """One row of a reference table (invented)."""

    kode: str
    nama: str
    induk: str | None = None


class Entries(BaseModel):
    """A reference table (invented)."""

    daftar: list[Entry]


class Summary(BaseModel):
    """The hub's own count of what it holds, for comparison with the sender's."""

    reports: int
    distinct_references: int
    doubled: int = Field(description="References that more than one report carries.")
    doubled_references: list[str] = Field(description="The first hundred of them.")
    comments: int
    changes: int
    by_status: dict[str, int]
    by_channel: dict[str, int]
    requests: dict[str, int] = Field(description="Requests to the API by outcome.")


class StoredReport(BaseModel):
    """A report with everything that the sender wrote, for comparison with the truth. Only for the administrator."""

    tracking_id: str
    referensi: str
    status: str
    keterangan: str
    revisi: int
    dibuat: str
    formulir: dict[str, object]


class RequestLine(BaseModel):
    """One request to the API. Neither its body nor its query is kept, since both may name a person."""

    number: int
    at: str
    method: str
    path: str
    idempotency_key: str | None
    status: int
    outcome: str
    milliseconds: float
