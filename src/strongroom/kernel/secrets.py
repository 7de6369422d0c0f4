"""Random values, keyed hashes and sealed boxes: the one door to secrets and HMAC."""

import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12  # RFC 8452: AES-GCM-SIV takes a 96-bit nonce


class Secret(str):
    """A secret text. Its ``repr`` shows nothing, so that it does not end in a log by accident."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(…)"


class Unsealable(Exception):
    """A sealed value was changed, moved to another row, or sealed under a key that is gone."""


def random_secret(bits: int = 256) -> Secret:
    """A fresh URL-safe secret of ``bits`` bits."""
    return Secret(secrets.token_urlsafe(bits // 8))


def random_bytes(count: int) -> bytes:
    """``count`` fresh random bytes."""
    return secrets.token_bytes(count)


def digest(secret: str) -> str:
    """The SHA-256 of a secret in hex: how random secrets of 128 bits and more are stored (design, D16)."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104), 32 bytes."""
    return hmac.digest(key, message, "sha256")


def equal(left: bytes, right: bytes) -> bool:
    """Whether two values are equal, in time that does not tell where they differ."""
    return hmac.compare_digest(left, right)


class Keyring:
    """The instance's root key, which lies in a file beside the database, never in it, and keys derived from it.

    The file is read at the first use, and made (mode 0600) where there is none yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.derive = cache(self._derive)

    def __repr__(self) -> str:
        return "Keyring(…)"

    def _derive(self, purpose: str) -> bytes:
        """The 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"strongroom/{purpose}".encode()).derive(
            _load(self._path)
        )

    def seal(self, purpose: str, plaintext: bytes, *, context: str) -> bytes:
        """Encrypt and authenticate. ``context`` names the row that it belongs to, so that it opens nowhere else."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCMSIV(self.derive(purpose)).encrypt(nonce, plaintext, context.encode())

    def unseal(self, purpose: str, sealed: bytes | memoryview, *, context: str) -> bytes:
        """Undo ``seal``; raises ``Unsealable``."""
        nonce, box = bytes(sealed[:_NONCE_BYTES]), bytes(sealed[_NONCE_BYTES:])
        try:
            return AESGCMSIV(self.derive(purpose)).decrypt(nonce, box, context.encode())
        except (InvalidTag, ValueError) as error:
            raise Unsealable(purpose) from error


def _load(path: Path) -> bytes:
    try:
        return _read_key(path)
    except FileNotFoundError:
        _create_key(path)
        return _read_key(path)


def _read_key(path: Path) -> bytes:
    key = bytes.fromhex(path.read_text("ascii"))
    if len(key) != KEY_BYTES:
        raise ValueError(f"{path} does not hold a key of {KEY_BYTES} bytes in hex")
    return key


def _create_key(path: Path) -> None:
    """Several processes may start at once: the link decides which key wins, and it is whole from the start."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        draft.unlink()
