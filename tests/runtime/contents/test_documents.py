"""Office documents and MP3: whoever wrote them is named beside the content no more, and the content is whole."""

import io
import zipfile

import pytest

from runtime.contents.examining import BadContent, examine, without_traces

AUTHOR = b"Warga Contoh"
CORE = (
    b'<cp:coreProperties xmlns:cp="http://office.example/package/2006/metadata/core-properties"'
    b' xmlns:dc="urn:dc:elements:1.1" xmlns:dcterms="urn:dc:terms">'
    b"<dc:creator>" + AUTHOR + b"</dc:creator><dcterms:created>2026-11-24T07:05:00Z</dcterms:created>"
    b"</cp:coreProperties>"
)
WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w>Jalan rusak</w>", "docProps/core.xml": CORE}
TEXT = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<c>Jalan</c>", "meta.xml": CORE}


def packed(entries: dict[str, bytes], *, streamed: bool = False, method: int = zipfile.ZIP_STORED) -> bytes:
    """`streamed`: as programs write that cannot go back, with each size behind its content."""

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.whole = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.whole += data  # type: ignore[arg-type]  # bytes, as a ZIP file writes
            return len(data)  # type: ignore[arg-type] # whatever has a length

    target = Stream() if streamed else io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else method)
    return bytes(target.whole) if isinstance(target, Stream) else target.getvalue()


@pytest.mark.parametrize("entries", [WORD, TEXT])
@pytest.mark.parametrize(("streamed", "method"), [(False, 0), (True, 0), (True, zipfile.ZIP_DEFLATED)])
def test_a_document_keeps_its_text_and_loses_its_author(entries: dict[str, bytes], streamed: bool, method: int) -> None:
    content = packed(entries, streamed=streamed, method=method)
    found = examine(content, None)
    assert found.kind.startswith("application/vnd.o")
    assert len(found.content) == len(content)
    with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
        assert archive.testzip() is None
        kept = {name: archive.read(name) for name in archive.namelist()}
    assert AUTHOR not in b"".join(kept.values())
    telling = [name for name in entries if kept[name] != entries[name]]
    assert telling == [name for name in entries if name in ("docProps/core.xml", "meta.xml")]
    assert without_traces(found.content, found.kind)[0] == found.content, "twice is once"


def test_an_mp3_keeps_its_sound_alone() -> None:
    sound = b"\xff\xfb\x90\x64" + bytes(400)
    tagged = b"ID3\x04\0\0\0\0\0\x0c" + AUTHOR + sound + b"TAG" + AUTHOR.ljust(125)
    assert without_traces(tagged, "audio/mpeg") == (sound, None)
    assert without_traces(sound, "audio/mpeg") == (sound, None)
    with pytest.raises(BadContent):
        without_traces(tagged[:22], "audio/mpeg")


@pytest.mark.parametrize("cut", [8, 60])
def test_a_damaged_document_is_no_document(cut: int) -> None:
    content = packed(WORD)
    with pytest.raises(BadContent):
        without_traces(content[:-cut], "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
