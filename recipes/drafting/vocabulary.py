"""The words by which Indonesian agencies and providers call the fields of a complaint. Data."""

from collections.abc import Mapping


def _listed(words: str) -> tuple[str, ...]:
    return tuple(" ".join(each.split()) for each in words.split(","))


NAMES: Mapping[str, tuple[str, ...]] = {
    "external_id": _listed("""
        nomor tiket, no tiket, nomor aduan, no aduan, nomor pengaduan, no pengaduan, nomor laporan, no laporan,
        id aduan, id laporan, nomor registrasi, no registrasi, no reg, message id, submission id, response id,
        ticket id, ticket number, case id, tracking id,
        uuid, guid, kode, nomor, tiket, ticket, registrasi, referensi, ref, event id, id, no"""),
    "text": _listed("""
        isi aduan, isi laporan, isi pengaduan, isi pesan, uraian aduan, uraian, keluhan, isi, pesan, aduan, pengaduan,
        laporan, deskripsi, kronologi, message, text, body, content, description, complaint, keterangan, komentar,
        masukan, saran, detail, comment, teks, permasalahan, masalah"""),
    "title": _listed("judul aduan, judul laporan, judul, perihal, subjek, subject, title, pokok aduan, jdl, hal"),
    "name": _listed("""
        nama pelapor, nama lengkap, nama pengadu, nama pengirim, nama pasien, nama pelanggan, nama pemohon, nama warga,
        full name, push name, sender name, display name, first name, nama, name, nm, pelapor, pengadu, reporter"""),
    "phone": _listed("""
        no hp, nomor hp, no telp, no telepon, nomor telepon, no wa, nomor wa, whatsapp, hp, telp, telepon, ponsel,
        handphone, msisdn, phone number, phone, mobile, kontak, contact, wa, from, pengirim, sender, tlp"""),
    "email": _listed("alamat email, email, surel, e mail, mail, kontak, contact, from, pengirim, sender"),
    "sent_at": _listed("""
        waktu aduan, waktu lapor, tanggal aduan, tanggal lapor, tanggal laporan, tgl aduan, tgl lapor, created at,
        sent at, sent time, submitted at, received at, dibuat, dikirim, timestamp, waktu, tanggal, tgl, created, date,
        time, kirim, masuk"""),
    "category": _listed("""
        kategori aduan, jenis aduan, jenis laporan, kategori, category, topik, jenis, bidang, layanan, unit, service,
        topic, klasifikasi, tipe, type, kind"""),
    "address": _listed("""
        lokasi kejadian, alamat kejadian, alamat lokasi, alamat, lokasi, address, tempat, location, jalan"""),
    "latitude": _listed("latitude, lintang, lat"),
    "longitude": _listed("longitude, bujur, long, lng, lon"),
    "attachments": _listed("""
        lampiran, foto, gambar, bukti, berkas, dokumen, photo, image, attachment, attachments, media, file, url,
        media url, video"""),
    "anonim": _listed("anonim, anonymous, samarkan, sembunyikan identitas, sembunyikan nama, tanpa nama"),
    "rahasia": _listed("rahasia, confidential, private, privat"),
    "hub_receipt": _listed("tracking id lapor, id lapor, nomor lapor, tracking id sp4n, id sp4n"),
}
"""Our field → the names that it goes by, the better ones first."""

REGIONS: tuple[tuple[str, ...], ...] = (
    ("rt",),
    ("rw",),
    _listed("dusun, lingkungan, banjar"),
    _listed("kelurahan, kel, desa, kelurahan desa, desa kelurahan, nama kelurahan, nama desa"),
    _listed("kecamatan, kec, nama kecamatan"),
    _listed("kota, kabupaten, kab, kab kota, kabupaten kota, kota kabupaten"),
)
"""The parts of an address that stand in fields of their own, the smallest first, each with its names."""

NOT_IT: Mapping[str, frozenset[str]] = {
    "name": frozenset(_listed("file, berkas, unit, kategori, jenis, layanan, petugas, dinas, kota, kecamatan, foto")),
    "phone": frozenset(_listed("device, petugas, admin, to, recipient, tujuan, ktp, nik")),
    "text": frozenset(
        _listed("tanggapan, jawaban, response, reply, type, jenis, id, nomor, no, nama, status, petugas")
    ),
    "sent_at": frozenset(_listed("lahir, birth, selesai, closed, updated, ubah, kejadian, batas")),
    "external_id": frozenset(
        _listed("""nik, ktp, hp, telp, wa, telepon, rt, rw, meter, pelanggan, user, parent, phone, form, formulir,
                definition, warga, pelapor, customer, reporter, author, profil, kat, kategori, category""")
    ),
    "title": frozenset(_listed("definition, form, formulir")),
    "category": frozenset(_listed("media, content, mime, file, event, geo, point, coordinates")),
    "attachments": frozenset(_listed("webhook, callback, avatar, profile, profil, self, website, logo")),
    "address": frozenset(_listed("email, ip, mail")),
}
"""Words that speak against it: the name of a file is nobody's name."""
