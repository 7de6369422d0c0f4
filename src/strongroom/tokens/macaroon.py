"""Macaroons in the binary format V2 of libmacaroons, as the public index and ``pypitoken`` write them.

Macaroon: (Birgisson et al., 2014) an identifier, a chain of restrictions ("caveats"), and an HMAC over all of them that
is keyed, for each link, with the HMAC before it. Whoever holds one can add a caveat; nobody without the key can take
one away.

The reader takes exactly one spelling of each macaroon (TK-01): other lengths of a number, padding, a third-party
caveat (TK-05), the format V1 or bytes behind the end (TK-04) are all malformed.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field

from strongroom.kernel.secrets import Secret, equal, mac

PREFIX = "strongroom-"
MAX_BYTES = 4096
MAX_CAVEATS = 32

_LOCATION = b"strongroom"
_VERSION = 2
_END = 0
_FIELD_LOCATION = 1
_FIELD_IDENTIFIER = 2
_FIELD_SIGNATURE = 6
_SIGNATURE_BYTES = 32
_KEY_GENERATOR = b"macaroons-key-generator"


class Malformed(Exception):
    """These are not the bytes of a macaroon that we take."""


@dataclass(frozen=True, slots=True)
class Macaroon:
    """An identifier, caveats, and the signature over them."""

    identifier: bytes
    caveats: tuple[bytes, ...]
    signature: bytes = field(repr=False)


def mint(identifier: bytes, *, key: bytes, caveats: Iterable[bytes] = ()) -> Macaroon:
    """A new macaroon that starts out with ``caveats``."""
    chain = tuple(caveats)
    return Macaroon(identifier, chain, _signatures(identifier, chain, key)[-1])


def narrow(macaroon: Macaroon, caveat: bytes) -> Macaroon:
    """The macaroon with one caveat more; whoever holds it can do this, without its key."""
    return Macaroon(macaroon.identifier, (*macaroon.caveats, caveat), mac(macaroon.signature, caveat))


def signatures(macaroon: Macaroon, *, key: bytes) -> tuple[bytes, ...]:
    """The signature after each caveat, which are as secret as the macaroon; none of them where it is not genuine.

    Genuine: minted with ``key``, and caveats were added at most. That says nothing of what they ask. There is one more
    signature than caveats: the first is that of the identifier alone.
    """
    chain = _signatures(macaroon.identifier, macaroon.caveats, key)
    return tuple(chain) if equal(chain[-1], macaroon.signature) else ()


def dump(macaroon: Macaroon) -> Secret:
    """The text of a token: the prefix, then the macaroon in URL-safe base64 without padding."""
    return Secret(PREFIX + base64.urlsafe_b64encode(_write(macaroon)).rstrip(b"=").decode("ascii"))


def load(text: str) -> Macaroon:
    """The macaroon of a token's text; raises ``Malformed``, whatever the text is."""
    encoded = text.removeprefix(PREFIX)
    if encoded == text or len(encoded) > 2 * MAX_BYTES:
        raise Malformed
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        raise Malformed from None
    macaroon = _Reader(raw).read()
    if dump(macaroon) != text:
        raise Malformed
    return macaroon


def _signatures(identifier: bytes, caveats: tuple[bytes, ...], key: bytes) -> list[bytes]:
    chain = [mac(mac(_KEY_GENERATOR, key), identifier)]
    for caveat in caveats:
        chain.append(mac(chain[-1], caveat))
    return chain


def _write(macaroon: Macaroon) -> bytes:
    parts = [
        bytes([_VERSION]),
        _packet(_FIELD_LOCATION, _LOCATION),
        _packet(_FIELD_IDENTIFIER, macaroon.identifier),
    ]
    parts.append(bytes([_END]))
    for caveat in macaroon.caveats:
        parts += [_packet(_FIELD_IDENTIFIER, caveat), bytes([_END])]
    parts += [bytes([_END]), _packet(_FIELD_SIGNATURE, macaroon.signature)]
    return b"".join(parts)


def _packet(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    """Seven bits to a byte, lowest first, the eighth says that more follow."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


class _Reader:
    """Reads one macaroon from front to back; never beyond the end, never more than the limits."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) > MAX_BYTES:
            raise Malformed
        self._raw = raw
        self._at = 0

    def read(self) -> Macaroon:
        self._expect(_VERSION)
        if self._content(_FIELD_LOCATION) != _LOCATION:
            raise Malformed
        identifier = self._content(_FIELD_IDENTIFIER)
        self._expect(_END)
        caveats = self._caveats()
        signature = self._content(_FIELD_SIGNATURE)
        if len(signature) != _SIGNATURE_BYTES or self._at != len(self._raw):
            raise Malformed
        return Macaroon(identifier, caveats, signature)

    def _caveats(self) -> tuple[bytes, ...]:
        caveats: list[bytes] = []
        while self._peek() != _END:
            if len(caveats) == MAX_CAVEATS:
                raise Malformed
            caveats.append(self._content(_FIELD_IDENTIFIER))
            self._expect(_END)
        self._expect(_END)
        return tuple(caveats)

    def _content(self, kind: int) -> bytes:
        self._expect(kind)
        size = self._number()
        content = self._raw[self._at : self._at + size]
        if len(content) != size:
            raise Malformed
        self._at += size
        return content

    def _number(self) -> int:
        number = shift = 0
        while shift <= 14:  # three bytes say more than ``MAX_BYTES``
            byte = self._peek()
            self._at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7
        raise Malformed

    def _expect(self, byte: int) -> None:
        if self._peek() != byte:
            raise Malformed
        self._at += 1

    def _peek(self) -> int:
        if self._at >= len(self._raw):
            raise Malformed
        return self._raw[self._at]
