"""How much of a mail is read. A mail is written by anyone, so every dimension of it has a ceiling."""

from dataclasses import dataclass


class MailError(ValueError):
    """The mail cannot be read; the message says why in one sentence and quotes nothing of the mail."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings. Beyond `message_bytes` a mail is refused; beyond the others it is cut, and a note says so."""

    message_bytes: int = 64 * 1024 * 1024
    """Bytes of the whole mail, encoded attachments included."""
    depth: int = 20
    """Levels of multipart inside multipart; deeper ones are kept as one opaque attachment."""
    parts: int = 300
    """MIME parts of the mail; the rest is left unread."""
    headers: int = 500
    """Header fields of one part."""
    header_bytes: int = 32 * 1024
    """Bytes of one header field's value."""
    html_chars: int = 512 * 1024
    """Characters of one HTML body that are rendered to text, after embedded images were taken out."""
    text_chars: int = 256 * 1024
    """Characters of the body's text."""
    references: int = 100
    """Message-IDs kept of `References`; the newest."""


DEFAULT_LIMITS = Limits()
