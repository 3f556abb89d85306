"""HTML bodies as text: lines, lists and tables readable, quotations and signatures marked, nothing hidden shown."""

import pytest

from recipes.mail.html_text import html_to_text

CASES = {
    "paragraphs and breaks": ("<p>Lampu   mati<br>semua</p><p>Mohon cek</p>", "Lampu mati\nsemua\n\nMohon cek"),
    "list": ("<ul><li>lampu<li>got</ul>", "* lampu\n* got"),
    "table of a form": (
        "<table><tr><th>Nama</th><td>Sari</td></tr><tr><th>Telp</th><td>0811</td></tr></table>",
        "Nama Sari\nTelp 0811",
    ),
    "link whose text hides the address": (
        '<a href="https://peta.example/x">Lokasi</a>',
        "Lokasi <https://peta.example/x>",
    ),
    "link whose text is the address": ('<a href="https://www.kota.example/">www.kota.example</a>', "www.kota.example"),
    "mail link": ('<a href="mailto:a@b.example">Sari</a>', "Sari"),
    "script, style, comment and title": (
        "<head><title>x</title><style>p{}</style></head><script>1<2</script><!-- y -->lampu",
        "lampu",
    ),
    "hidden preview": ('<div style="display:none">intip</div><p hidden>x</p>lampu', "lampu"),
    "conditional comments": ("<!--[if mso]><p>office</p><![endif]-->lampu<![if !mso]> mati<![endif]>", "lampu mati"),
    "less-than signs": ("arus < 5 dan <3 untuk a&lt;b", "arus < 5 dan <3 untuk a<b"),
    "gmail quotation": (
        (
            '<div>jawab</div><div class="gmail_quote"><div>Pada X menulis:</div>'
            '<blockquote class="gmail_quote">satu<br>dua</blockquote></div>'
        ),
        "jawab\nPada X menulis:\n> satu\n> dua",
    ),
    "apple quotation, nested": (
        "jawab<blockquote type=cite>satu<blockquote type=cite>nol</blockquote></blockquote>akhir",
        "jawab\n> satu\n>> nol\nakhir",
    ),
    "outlook quotation": ('jawab<blockquote style="border-left:1px solid">satu</blockquote>', "jawab\n> satu"),
    "an indentation is no quotation": ("<blockquote>lampu mati</blockquote>", "lampu mati"),
    "gmail signature": ('lampu<div class="gmail_signature">Sari</div>', "lampu\n-- \nSari"),
    "gmail signature with its own prefix": (
        'lampu<br><span class="gmail_signature_prefix">-- </span><br><div class="gmail_signature">Sari</div>',
        "lampu\n--\nSari",
    ),
    "outlook signature": ('lampu<div id="Signature"><p>Sari</p></div>', "lampu\n-- \nSari"),
    "emoji as a picture": ('lampu <img alt="😡" src="x"> mati <img alt="logo" src="y">', "lampu 😡 mati"),
    "rule": ("satu<hr>dua", f"satu\n{'_' * 32}\ndua"),
    "embedded picture": ('lampu <img src="data:image/png;base64,AAAA"> mati', "lampu mati"),
    "non-breaking spaces": ("lampu&nbsp;&nbsp;mati", "lampu mati"),
    "declaration of another charset": ('<?xml version="1.0" encoding="latin1"?><html>kafé</html>', "kafé"),
    "unclosed everything": ("<b><i>lampu <p>mati", "lampu\n\nmati"),
    "nothing": ("<!-- -->", ""),
    "no markup": ("lampu mati", "lampu mati"),
}


@pytest.mark.parametrize(("source", "text"), CASES.values(), ids=CASES.keys())
def test_html_reads_as_text(source: str, text: str) -> None:
    assert html_to_text(source) == text
