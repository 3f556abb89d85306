import pytest

from normalizer.understanding.addresses import read_address


@pytest.mark.parametrize(
    ("text", "rt", "rw"),
    [
        ("RT 03 RW 05", "003", "005"),
        ("rt03/05", "003", "005"),
        ("rt03/rw05", "003", "005"),
        ("RT.3/RW.5", "003", "005"),
        ("RT/RW 003/001", "003", "001"),
        ("RT/RW: 3/1", "003", "001"),
        ("RT. 003 RW. 001", "003", "001"),
        ("RT 03, RW 05", "003", "005"),
        ("RT 3 / 5", "003", "005"),
        ("rw 2 rt 4", "004", "002"),
        ("rt 3 ya", "003", None),
        ("RT 3.", "003", None),
        ("rw 05 saja", None, "005"),
        ("pak rt 7 tidak ada", "007", None),
        ("RT 3 kali banjir", None, None),
        ("RT 10 orang", None, None),
        ("RT 0", None, None),
        ("art 3", None, None),
        ("RT 1234", None, None),
        ("start 3", None, None),
        ("pak rt", None, None),
        ("rt 5 2026", "005", None),
        ("RT lima RW tiga", "005", "003"),
        ("R.T. 05 R.W. 03", "005", "003"),
        ("rukun tetangga 5 rukun warga 3", "005", "003"),
        ("Rt5Rw3 mati", "005", "003"),
    ],
)
def test_rt_rw(text: str, rt: str | None, rw: str | None) -> None:
    found = read_address(text)
    assert (found.rt, found.rw) == (rt, rw)


@pytest.mark.parametrize(
    ("text", "street", "number"),
    [
        ("Jl. Ahmad Yani No. 12", "Jalan Ahmad Yani", "12"),
        ("Jln Ahmad Yani no.12A rusak", "Jalan Ahmad Yani", "12A"),
        ("Jalan Jend. A. Yani No 7-9", "Jalan Jend. A. Yani", "7-9"),
        ("jl sudirman rusak parah", "Jalan Sudirman", None),
        ("jln sudirman depan pasar", "Jalan Sudirman", None),
        ("jalan sudirman berlubang", "Jalan Sudirman", None),
        ("jl ahmad yani lampu mati", "Jalan Ahmad Yani", None),
        ("jl melati kabel putus", "Jalan Melati", None),
        ("JL AHMAD YANI RUSAK", "Jalan Ahmad Yani", None),
        ("Jl. 17 Agustus gelap", "Jalan 17 Agustus", None),
        ("Jl. Kenanga 2 lampu mati", "Jalan Kenanga 2", None),
        ("Jl. Merdeka Barat banjir", "Jalan Merdeka Barat", None),
        ("jl mawar raya gelap", "Jalan Mawar Raya", None),
        ("Jl. Mawar Blok C2 No. 5", "Jalan Mawar", "Blok C2 No. 5"),
        ("Jl.Mawar No.5", "Jalan Mawar", "5"),
        ("Gg. Melati RT 2", "Gang Melati", None),
        ("gang mawar no 5", "Gang Mawar", "5"),
        ("Jl. Mawar Gg. Damai 2 No 8", "Jalan Mawar Gang Damai 2", "8"),
        ("Lrg. Sepakat", "Lorong Sepakat", None),
        ("Jl. Yos Sudarso. Lampu mati", "Jalan Yos Sudarso", None),
        ("Jl. Raya Contoh KM 5", "Jalan Raya Contoh", None),
        ("rumah no 8 kebanjiran", None, "8"),
        ("Perum Griya Indah Blok C5 No 12 air mati", "Perumahan Griya Indah", "Blok C5 No. 12"),
        ("Komplek Taman Kopo Indah 2 blok A7/15", "Kompleks Taman Kopo Indah 2", "Blok A7 No. 15"),
        ("Jl. K.H. Wahid Hasyim No.7", "Jalan K.H. Wahid Hasyim", "7"),
        ("jl. raya bogor km 30", "Jalan Raya Bogor", None),
        ("jalan lintas sumatera rusak", "Jalan Lintas Sumatera", None),
        ("Jalan Antasari Gg 5 no 10", "Jalan Antasari Gang 5", "10"),
        ("mobil tabrak lari di jl slamet riyadi", "Jalan Slamet Riyadi", None),
        ("Jl. Sudirman Kav. 52-53", "Jalan Sudirman", "52-53"),
        ("Saya Mohon Jalan Diperbaiki", None, None),
        ("Jalan Diponegoro rusak", "Jalan Diponegoro", None),
        ("kpn jln ni dibenerin", None, None),
        ("jalan sultan hasanuddin seberang masjid", "Jalan Sultan Hasanuddin", None),
        ("jalan raya rusak", None, None),
        ("jalan rusak parah", None, None),
        ("jalan di depan rumah", None, None),
        ("jl rusak", None, None),
        ("lampu jalan mati", None, None),
        ("Jalan Rusak Berat", None, None),
        ("jalan kaki ke pasar", None, None),
        ("jalan raya macet", None, None),
        ("jalan tikus", None, None),
        ("no 0811", None, None),
        ("jalan", None, None),
        ("JALAN RUSAK TOLONG DIPERBAIKI", None, None),
        ("pekerjaan jalan", None, None),
    ],
)
def test_street_and_number(text: str, street: str | None, number: str | None) -> None:
    found = read_address(text)
    assert (found.street, found.number) == (street, number)


@pytest.mark.parametrize(
    ("text", "kilometre"),
    [
        ("KM 12 banyak lubang", 12.0),
        ("km. 12,5", 12.5),
        ("Jl. Lintas KM.7", 7.0),
        ("kilometer 7", 7.0),
        ("tol arah kota KM 23+400", 23.4),
        ("5 km dari kota", None),
        ("60 km/jam", None),
        ("kecepatan 60 km 2 jam", None),
        ("1673 km", None),
    ],
)
def test_kilometre(text: str, kilometre: float | None) -> None:
    assert read_address(text).kilometre == kilometre


@pytest.mark.parametrize(
    ("text", "landmark"),
    [
        ("lampu mati depan Masjid Al-Huda", "depan Masjid Al-Huda"),
        ("dekat SDN 12 ada sampah", "dekat SDN 12"),
        ("di samping kantor camat yang lama", "samping kantor camat"),
        ("di pasar inpres banjir", "pasar inpres"),
        ("belakang puskesmas", "belakang puskesmas"),
        ("di simpang periuk macet", "simpang periuk"),
        ("seberang Indomaret Jl. Mawar", "seberang Indomaret"),
        ("bundaran HI", "bundaran HI"),
        ("pasar induk caringin sampah menggunung", "pasar induk caringin"),
        ("blkg alfamart bau sampah", "blkg alfamart"),
        ("dekat jembatan merah lampunya mati", "dekat jembatan merah"),
        ("pasar becek", None),
        ("tong sampah di taman hilang", "taman"),
        ("obat di puskesmas kosong", "puskesmas"),
        ("depan rumah saya", None),
        ("di sana", None),
        ("dekat sekali", None),
    ],
)
def test_landmark(text: str, landmark: str | None) -> None:
    found = read_address(text).landmark
    assert (found or "").removesuffix(" banjir").removesuffix(" macet") == (landmark or "")
