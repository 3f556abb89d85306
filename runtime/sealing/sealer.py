"""One key per deployment: AES-256-GCM for sealing, HMAC-SHA-256 for blind indexes, both derived from it by HKDF."""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from runtime.sealing.protocol import SealingError

KEY_BYTES = 32
_NONCE = 12
"""Bytes. Random 96-bit nonces are safe for 2³² messages under one key (NIST SP 800-38D); epochs come before that."""


class Sealer:
    """The `Sealing` protocol with one master key."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise SealingError(f"a master key has {KEY_BYTES} bytes, this one has {len(master)}")
        self._cipher = AESGCM(_derive(master, b"muara seal v1"))
        self._index_key = _derive(master, b"muara blind index v1")
        self.key_id = hashlib.sha256(_derive(master, b"muara key id v1")).hexdigest()[:8]
        """Names the key without revealing it."""

    def seal(self, data: bytes, *, subject: str, field: str) -> str:
        """Encrypt to `v1.<key id>.<base64url>`."""
        return f"v1.{self.key_id}.{_encode(self.seal_bytes(data, subject=subject, field=field))}"

    def open(self, token: str, *, subject: str, field: str) -> bytes:
        """Decrypt a token."""
        try:
            version, key_id, box = token.split(".")
            data = base64.b64decode(box + "=" * (-len(box) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise SealingError("this is not a sealed value") from error
        if _encode(data) != box:
            raise SealingError("a sealed value was altered")  # in bits that base64 does not read
        if version != "v1" or key_id != self.key_id:
            raise SealingError(
                f"sealed with key {key_id}, but the key in use is {self.key_id}: give the right master key"
            )
        return self.open_bytes(data, subject=subject, field=field)

    def seal_bytes(self, data: bytes, *, subject: str, field: str) -> bytes:
        """Encrypt to nonce and ciphertext."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data, self._context(subject, field))

    def open_bytes(self, data: bytes, *, subject: str, field: str) -> bytes:
        """Decrypt nonce and ciphertext."""
        try:
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], self._context(subject, field))
        except (InvalidTag, ValueError) as error:
            raise SealingError("a sealed value was altered, moved elsewhere, or sealed with another key") from error

    def blind(self, purpose: str, value: str) -> str:
        """32 hex digits."""
        text = f"{_name(purpose)}\x1f{value}"
        return hmac.digest(self._index_key, text.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]

    def _context(self, subject: str, field: str) -> bytes:
        # Bound into the ciphertext: a sealed value moved to another row or column no longer opens.
        return f"{self.key_id}\x1f{subject}\x1f{_name(field)}".encode("utf-8", "surrogatepass")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _name(name: str) -> str:
    # A separator inside a field's name would let ("a", "b␟c") pass for ("a␟b", "c").
    if "\x1f" in name:
        raise ValueError(f"a name of a field or a purpose holds no control characters: {name!r}")
    return name


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master)
