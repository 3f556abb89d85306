"""Words that tell a place from what only looks like one: own lists, lower case."""

from normalizer.understanding.words import word_set

LEVEL_WORDS = {
    "kel": 4,
    "kelurahan": 4,
    "lurah": 4,
    "desa": 4,
    "ds": 4,
    "kades": 4,
    "gampong": 4,
    "nagari": 4,
    "kampung": 4,
    "kec": 3,
    "kecamatan": 3,
    "camat": 3,
    "distrik": 3,
    "kab": 2,
    "kabupaten": 2,
    "kota": 2,
    "kotamadya": 2,
    "prov": 1,
    "provinsi": 1,
    "propinsi": 1,
}
"""What announces a region's name, and the level of it."""

LOCATIVES = word_set("""
    di daerah wilayah warga dari ke sekitar area kawasan arah lingkungan tepatnya
""")
"""A name after one of these is a place."""

NOT_BEFORE_A_PLACE = word_set("""
    pak bapak bu ibu nama sdr saudara h hj haji kak mas mbak bang jl jln jalan gang gg lorong pasar masjid mesjid
    musholla mushola musala gereja sd sdn smp smpn sma sman smk smkn tk paud puskesmas rs rsud klinik toko hotel
    bank pt cv terminal stasiun bandara lapangan taman jembatan sungai kali perumahan komplek kompleks perum spbu
    apotek pabrik universitas simpang jenis merk club kopi sate soto pempek
""")
"""A name after one of these is a person's or a thing's: `Pak Sukarami`, `SDN Air Kuti`."""

ORDINARY = word_set("""
    pasar pahlawan sentosa duku muara bukit setia makmur harapan jalan kota desa kampung baru lama tengah timur
    barat utara selatan ulu ilir sukses mulia jaya bakti karya sukamaju sejahtera maju indah bersih aman damai
    rahmat rahmah rukun bahagia mandiri merdeka pemuda damar sawah ladang kebun danau pantai sungai gunung pulau
    teluk laut air batu tanah hutan kayu bambu durian mangga kelapa nangka jambu kenanga melati mawar anggrek
    cempaka pelita bintang bulan matahari sinar cahaya surya fajar senja mekar subur lestari asri permai kuala
    simpang pondok rantau dusun benteng istana gedung kantor sekolah masjid bersama keluarga anak ibu bapak satu
    dua tiga empat lima kamal dalam luar atas bawah depan belakang parit rawa panjang tinggi besar kecil rawang
    kepala mati hidup lalang gedang jati jawa melayu tanjung lubuk talang sepakat sederhana gembira senang tunggal
""")
"""Names of regions that are ordinary words first: they need a level word before them."""

DIRECTIONS = word_set("""
    raya lama baru dalam barat timur utara selatan tengah ilir ulu luar
""")
"""What may follow the name of a street and belong to it."""

TITLES = word_set("""
    jend jenderal letjen mayjen brigjen kol kolonel kapten kapt lettu letnan mayor dr prof ir h kh hj r ra ki
    raden sultan pangeran laksamana bung jendral let tgk tengku teuku haji kyai syekh nyi
""")
"""What stands before the name in a street's name."""

WELL_KNOWN_STREETS = word_set("""
    sudirman diponegoro yani gatot hasanuddin kartini thamrin pattimura cendrawasih veteran pahlawan merdeka
    pemuda imam majapahit gajah soekarno suprapto jenderal jendral jend kh dr letjen kapten ahmad a. h. basuki
    wahid wahidin sutomo garuda melati mawar kenanga anggrek cempaka flamboyan kamboja teratai dahlia merpati
    rajawali nangka mangga durian cendana beringin yos kapuas musi mahakam bengawan
""")
"""Streets that nearly every town has: in lower case they are names even after the word `jalan`."""

FIRST_OF_TWO = word_set("""
    ahmad gatot yos imam gajah basuki cut teuku dewi garuda bukit sumber taman puncak lubuk tanjung sungai air
    batu simpang kebun talang taba wahid hasan hayam raden bung tuanku setia panglima patih sisingamangaraja
    wolter urip sutan mayor
""")
"""First words of street names of which everybody writes the second too."""

NO_NAME = word_set("""
    rusak berlubang bolong di ke dari yang yg depan dpn dekat deket belakang samping sebelah mati gelap raya utama
    umum poros tol lingkungan setapak tikus kaki keluar masuk terus pintas buntu desa kampung kota kabupaten
    provinsi nasional dan atau ini itu tersebut tsb sudah sdh udah udh belum blm tidak tdk gak ga nggak menuju
    arah lintas antar penghubung akses alternatif tanah aspal beton cor licin becek banjir macet amblas ambles
    hancur parah jelek kami kita saya sy nya untuk utk pada para juga jg jadi banyak byk penuh sepi sempit lebar
    menanjak tanjakan turunan satu dua tiga rt rw kel kec kelurahan kecamatan gang gg no nomor km tempat rumah
    sekitar simpang pun lagi sangat sgt penerangan berdebu tergenang retak putus longsor menikung bergelombang
    dalam mau mohon tolong tlg ada lain lainnya semua sendiri tembus lurus protokol lokal malam siang pagi sore
    saat kalau kalo klo karena krn sampai sejak hampir masih msh mulai perlu harus bisa baru lama kecil besar
""")
"""What follows `jalan` where no street is named."""

ENDS_NAME = NO_NAME - {"a", "raya", "lama", "baru", "dalam", "satu", "dua", "tiga", "merdeka"} | word_set("""
    lampu lampunya sampah air pohon warga pak bu min kab kabupaten prov desa ds perumahan komplek kompleks perum
    blok lampu2 got selokan pju terjadi adalah kondisi kondisinya terdapat dengan dgn hari kemarin kmrn tadi
    sering selalu setiap tiap tepatnya tepat persis mengalami tolongin seberang
""")
"""Where the name of a street ends."""

_IN_LANDMARKS = word_set("""
    raya kota desa kabupaten provinsi lama baru besar umum kelurahan kecamatan
""")
ENDS_LANDMARK = NO_NAME - _IN_LANDMARKS | word_set("""
    jl jln jalan lampu sampah air pohon pak bu min warga got selokan dengan dgn hari kemarin kmrn tadi
""")
"""Where the name of a landmark ends."""
