"""Words that tell a place from what only looks like one: own lists, lower case."""

from normalizer.understanding.words import word_set

_LEVELS = {
    4: """
        kel kelurahan lurah klurahan kelurhan kelurahn keluraan keluharan kelurhn kalurahan kelrahan desa ds kades
        gampong nagari negeri pekon tiyuh ohoi kampung
    """,
    3: """
        kec kecamatan camat distrik kecmatan kecamtan kecamatn kcamatan kcmtn kapanewon kemantren
    """,
    2: """
        kab kabupaten kabupatn kabupten kota kotamadya kodya pemkot pemkab walikota bupati pemda adm administrasi
    """,
    1: """
        prov provinsi propinsi pemprov gubernur
    """,
}
LEVEL_WORDS = {word: level for level, listed in _LEVELS.items() for word in listed.split()}
"""What announces a region's name, and the level of it."""
KOTA_WORDS = word_set("kota kotamadya kodya pemkot walikota")
KABUPATEN_WORDS = word_set("kab kabupaten kabupatn kabupten pemkab bupati")
HAMLET_WORDS = word_set("kampung")
"""They name a village in some provinces, a part of one in the others."""

LOCATIVES = word_set("""
    di d daerah wilayah warga sekitar area kawasan lingkungan tepatnya
""")
"""A name after one of these is a place."""
DIRECTED = word_set("""
    dari ke arah menuju
""")
"""A name after one of these is a place, but not surely where it happened."""

NOT_BEFORE_A_PLACE = word_set("""
    pak bapak bu ibu nama sdr saudara h hj haji kak mas mbak bang jl jln jalan gang gg lorong pasar masjid mesjid
    musholla mushola musala gereja sd sdn smp smpn sma sman smk smkn tk paud puskesmas rs rsud klinik toko hotel
    bank pt cv terminal stasiun bandara lapangan taman jembatan sungai kali perumahan komplek kompleks perum spbu
    apotek pabrik universitas simpang jenis merk merek club kopi sate soto pempek bakso mie nasi masakan makan rm
    warung kedai bika batik trayek jurusan rute orang suku bahasa logat bernama dusun dsn dukuh apartemen kost kos
    mall mal plaza stadion polsek polres koramil kodim bus ktp anak ustaz ustadz kyai ust
""")
"""A name after one of these is a person's or a thing's: `Pak Sukarami`, `SDN Air Kuti`."""

ORDINARY = word_set("""
    adam adang agak agung air akar akas alam alas alat alim alur amal aman ampas anak anda anggrek angkasa antara
    anugerah armada arus asal asam asana asap asri atap atas awan ayah babat badak badan bagus bahagia bahari bahu
    baja bakal bakau bakti bakung balai balok bambu bandara banding bangga bangkai bangsa bangsal bangun banjir
    bantal banteng bapak barang barat bareng baring baru basi batang batas batik batin batu bawah bayam bayan bayang
    bayi bebas begal bekas bela belah belakang belalang belia belimbing benar benda bendahara bendera bendungan
    bengkak bengkel bengkok bening bentar benteng benua berani beras berdikari beringin berkah berkas berkat berlian
    bersama bersatu bersih besar besi beton biang biasa bibit bidara bila bilal binar bintang bisa bobol bocor bola
    bolong bosan botol buah buang buat buaya budaya budi budiman bujang bukan bukit bukti buku bulak bulan bulu
    buluh bumbu bumi bundar bunga bungkus buntu buru buruk burung busung cabang cahaya campur candi canggah canggung
    cangkir cantik capek cemara cempaka cendana cepat cerdas ceria cerita cinta cukup curang dadap dahlia dalam
    dalang damai damar damping danau dandang dara darat dari darma darurat dasar data datar daun daya dayung debu
    dekat delima depan deras derek desa dinding dingin dirgahayu doa dosa dua duda duka duku dukun dulu duri durian
    dusun ekor elang emas empang empat enak erat esa fajar gading gadung gagah gajah gaji galang gali gambir gambut
    gampang ganti gapura garam garuda gas gasing gedang gedung gelang gelap gelombang gelora gembira gempa gemuruh
    genap genteng getah giling giring gotong gubuk guci gudang gula guna guntung guntur gunung guru gurun hadir
    handuk harap harapan harmoni harum harus hasil hati hidayah hidayat hidup hijau hijrah hilang hilir hitam hujung
    hulu hutan ibu ikan ikhlas iklas ikon ikrar ilir indah induk inti islam istana istiqlal jabatan jadi jago jalan
    jambu jamu janda jangka jangkar jangkung janji jantung jarak jarang jari jaring jarum jasa jati jatuh jawa jaya
    jebol jelas jelutung jembatan jenggot jernih jeruk jingga jorok juara jujur julang jumat juragan jurang juta
    kabar kabul kaca kain kait kaki kalah kali kalian kaliki kalung kamal kamar kambing kami kampung kampus kanan
    kancil kandang kantin kantor kapal kapas kapur karang karet kartini karunia karya kasih kasihan kasturi kaum
    kawan kawasan kawat kaya kayangan kayu kebal keben kebun kecap kecewa kecil kedai kedondong kejar keji kelapa
    kelas keliling kelinci kelor keluang keluarga kemang kembang kembar kemuning kenanga kenari kencana kencang
    kental kepala kepundung keramas keramat keras keraton kering keriting kesatuan ketapang ketupat khatulistiwa
    kijang kilang kilat kini kipas kiri kirim kolam kolong komando komet kompas kompleks kondang kopi koran kosong
    kota kotak kotor kuala kuat kubang kubu kubur kuda kudus kukuh kuli kulit kumbang kunci kuning kunyit kurang
    kurma kursi labu ladang lahan lain laju laksana lalang lama lambung lancar lantai lantang lapang lapangan lapuk
    laris larut laut lawan layak layang lebah lebak lebar lebih lebung ledeng lekas lele lemah lembah lembang lembar
    lembu lembut lengkong lentera lereng lestari lewat liang libur licin lidah lidi liku lima limau lingkar
    lingkungan listrik lokal lolos lomba loncat longgar lorong losmen luar luas lubang lubuk lumbung lumpur lumut
    lupa lurah lurus mabuk madani madu mahal maharani mahkota maju makam makan maki makin makmur malah malam malang
    malu mama mampir mampu mana mandala mandi mandiri mandor mangga manggis mangrove manis mantap manunggal marga
    mari maria markas markisa masa masih masjid masuk mata matahari matang mati maung mawar mayang medali mega mekar
    melati melayu menang menara mendung menur merah merak merdeka merpati mesin mesra minggir minggu minta minyak
    mitra modal modern mohon moncong muara muda mudah mudik muka mulai mulia mulya mulyo mungkin murah murni musim
    musyawarah mutiara nadi naga naik nanas nangka nasi nasib nelayan ngarai nikmat nirwana noda normal nusa
    nusaindah nusantara nyaman nyamuk nyata obor ombak oncom orang padang padat padi pagar pagi pahala pahit
    pahlawan pajak pakis paku palang pali palsu paman panas panca pancasila pancuran pandai pandan pandu pangeran
    panggang panggul panggung pangkal pangkat panjang pantai pantas pantau panti papan para parah parang pari parit
    parkir pasang pasar pasir pasti pasukan paten patok patriot patuk patung payah payung pedang pekat pelabuhan
    pelangi pelita pemali pematang pemuda penat pengkol penuh pepaya perak perang perawat percaya periang perintis
    perisai permai permata pernah pertama perwira pesan pesantren pesisir pesta peta petak petani petir picung pilar
    pinang pinggir pintu pipa pirang pisah pisang pohon pojok pokok pola polos pondok posisi potong prima proklamasi
    puas pucuk pulang pulau puncak punggung pupuk pura purba purnama pusaka pusat putih putra putri putus raba rada
    ragam raharja rahayu rahmah rahmat raja rajawali rajin rakit rakyat ramah ramai rambut rambutan rampung rancak
    rantai rantau rapat rapi rasa rata rawa rawan rawang raya rejeki rela rembang rendah rentang resah restu retak
    ria riang rimba rimbun rindang rindu ringan ringgit rintis rintisan roda rokok rukun rumah rumput rupa rusa
    rusak saat sabar sabun sabut sadar sagu sah sahabat saham sakti salah salak salam saling salur sama sampah
    sampai sampang samping samudra sandang sandi sangat sangkar santai santan sapa sapi saran sarang sari sate
    satria satu saudara sawah sawit sawo sayang sayap sayur sebelah sebuah sedang sederhana segar segara sehat
    sejahtera sejati sekar sekolah selalu selamat selat selatan selesai semangat semangka sementara sempurna semua
    senang sendang sendiri seni senja sentosa sentral sepakat sepi seragam serai serang serasi serba serbaguna seri
    serikat sering seroja serumpun sesuai setia setuju siaga siang sidang simpang simpul sinar singa singgah siram
    sirih sisi situ sopan sore sosial subang subuh subur suci sudah suka sukacita sukamaju sukarela sukaria sukma
    sukses suku suling sulit sulung sumbang sumber sumur sungai sungguh surat surau suri suruh surya susah susu
    sutera swadaya swakarya taat tabah tabungan tahan tahu tahun tajam talang taman tambah tambak tambang tampak
    tampan tanah tanda tanding tanduk tangga tangguh tanggul tanggung tani tanjak tanjung tapak tarik tawang tawar
    tebal tebas tebing teduh tegal tegar tekad teladan telaga teluk telur tembok tempat tempel tempuh tempur temu
    tenaga tenang tengah tengger tenteram tepat tepi terang teratai terminal terong tertib terung terus tiang tiba
    tiga tikungan tikus timah timbang timbul timun timur tinggal tinggi tingkat tirta titian titik toko tolak tolong
    tongkat topi trans tua tuah tuan tugas tugu tuju tulang tulis tulus tumbuh tumpang tumpuk tunas tunggal tunggu
    tunjung turi turun tutup ujung ukir ulang ular ulu umum undur unggul ungu untung upaya urat usaha usang utama
    utara utuh waduk wahana wajar waktu wali wana wangi wani waras warga waringin warna waru waspada wedang wijaya
    wisata yatim
""")
"""Names of regions that are ordinary words first: they need a level word before them."""

STATES = word_set("""
    mati baru lama besar kecil panjang pendek dalam dangkal tinggi rendah kering bersih kotor luas lebar sempit hitam
    putih merah keruh penuh rusak buntu
""")
"""How a thing is: after an ordinary word and without a capital they make no name (`ikan di sungai mati`)."""

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
    wolter urip sutan mayor slamet hos sam adi arif arief rasuna tentara perintis otto sri hang tjilik nyi letda
""")
"""First words of street names of which everybody writes the second too."""

ESTATES = word_set("""
    griya graha taman villa vila bumi permata puri citra pondok mutiara pesona green grand villas royal cluster asri
    indah permai lestari kencana sejahtera harapan pelangi bukit kebun alam anggrek melati mawar cempaka kenanga
""")
"""With these the name of a housing estate begins, in lower case too: `perumahan griya indah`."""

ROADS = word_set("""
    raya lintas poros tol trans lingkar ring propinsi provinsi nasional
""")
"""What a street is called by that leads somewhere: its name is there only if the next word says where."""

ROADS_LEAD_TO = word_set("""
    sumatera sumatra jawa kalimantan sulawesi papua trans timur barat selatan utara tengah luar dalam pantura
    soekarno sudirman bogor jakarta bandung solo jogja semarang surabaya malang medan
""")
"""Where they lead, when neither a capital nor `jl.` says that a name is written."""

NO_NAME = word_set("""
    rusak berlubang bolong di ke dari yang yg depan dpn dekat deket belakang samping sebelah mati gelap raya utama
    umum poros tol lingkungan setapak tikus kaki keluar masuk terus pintas buntu desa kampung kota kabupaten
    provinsi nasional dan atau ini itu tersebut tsb sudah sdh udah udh belum blm tidak tdk gak ga nggak menuju
    arah lintas antar penghubung akses alternatif tanah aspal beton cor licin becek banjir macet amblas ambles
    hancur parah jelek kami kita saya sy nya untuk utk pada para juga jg jadi banyak byk penuh sepi sempit lebar
    menanjak tanjakan turunan satu dua tiga rt rw kel kec kelurahan kecamatan gang gg no nomor km tempat rumah
    sekitar simpang pun lagi sangat sgt penerangan berdebu tergenang retak putus longsor menikung bergelombang
    dalam mau mohon tolong tlg ada lain lainnya semua sendiri tembus lurus protokol lokal malam siang pagi sore
    ni nih tu tuh sini sana situ ngga kok sih dong mana apa siapa kapan
    saat kalau kalo klo karena krn sampai sejak hampir masih msh mulai perlu harus bisa baru lama kecil besar
""")
"""What follows `jalan` where no street is named."""

ENDS_NAME = NO_NAME - {"a", "raya", "lama", "baru", "dalam", "satu", "dua", "tiga", "merdeka"} | word_set("""
    lampu lampunya sampah air pohon warga pak bu min kab kabupaten prov desa ds perumahan komplek kompleks perum
    blok lampu2 got selokan pju terjadi adalah kondisi kondisinya terdapat dengan dgn hari kemarin kmrn tadi
    sering selalu setiap tiap tepatnya tepat persis mengalami tolongin seberang kav kavling
""")
"""Where the name of a street ends."""

_IN_LANDMARKS = word_set("""
    raya kota desa kabupaten provinsi lama baru besar umum kelurahan kecamatan
""")
ENDS_LANDMARK = NO_NAME - _IN_LANDMARKS - {"satu", "dua", "tiga", "kecil", "tanah"} | word_set("""
    jl jln jalan lampu sampah air pohon pak bu min warga got selokan dengan dgn hari kemarin kmrn tadi bau kotor jorok
    numpuk tumpukan ada lubang lobang parkir pju tiang kabel listrik motor mobil truk angkot pkl pedagang jualan
    dagangan becek tergenang genangan genang pipa bocor sumbat mampet buntu tumbang roboh ambruk bahaya rawan sering
    total parah bgt banget minta mhn pelayanan antri antrian calo pungli maling begal balap tawuran pengemis gelandangan
    anak orang kejadian kecelakaan kebakaran yth tsb rame ramai buka tutup tanpa oleh bila jika agar supaya setelah
    hilang kosong lewat tambah bikin celaka habis penuh bayar gratis buat minta mahal sedang akan selesai
    sebelum sejak selama wc toilet trotoar aspal galian proyek puing gelap terang anjing kucing asap limbah plang papan
""")
"""Where the name of a landmark ends."""

ORDINARY |= NO_NAME | ENDS_NAME | ENDS_LANDMARK
