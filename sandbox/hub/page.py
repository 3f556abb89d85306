"""The public page of a report: what a citizen would see, under a banner that says SIMULASI."""

from html import escape

from sandbox.hub.answers import ReportView

_FRAME = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>Laporan #{tracking_id} (simulasi)</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;margin:0;color:#1b1b1b}}main{{max-width:42rem;margin:auto;padding:1rem}}
.banner{{background:#7a1f1f;color:#fff;padding:.6rem 1rem;text-align:center;font-weight:bold}}
dt{{font-weight:bold}}dd{{margin:0 0 .6rem}}pre{{white-space:pre-wrap;font:inherit}}</style></head>
<body><p class="banner" role="note">SIMULASI: bukan layanan SP4N-LAPOR! yang sebenarnya</p>
<main><h1>Laporan #{tracking_id}</h1>{content}</main></body></html>
"""


def render(view: ReportView, *, secret: bool) -> str:
    """Render a report as HTML. A *rahasia* one shows its state and nothing that was written."""
    facts = [("Status", view.keterangan)]
    if secret:
        facts.append(("Isi", "Laporan ini bersifat rahasia."))
    else:
        facts += [
            ("Judul", view.judul),
            ("Isi", view.isi),
            ("Pelapor", view.pelapor or "Anonim"),
            ("Instansi", view.instansi),
            ("Pendukung", str(view.jumlah_pendukung)),
        ]
        if view.tanggapan:
            facts.append(("Tanggapan", view.tanggapan))
        facts += [("Komentar", comment.isi) for comment in view.komentar]
    rows = "".join(f"<dt>{escape(name)}</dt><dd><pre>{escape(value)}</pre></dd>" for name, value in facts)
    return _FRAME.format(tracking_id=escape(view.tracking_id), content=f"<dl>{rows}</dl>")
