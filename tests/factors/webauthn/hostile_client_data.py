"""What a browser can say wrongly about itself, the same in both ceremonies: how an answer is bent, and the code."""

from collections.abc import Callable
from typing import Any

from tests.factors.webauthn.ceremonies import ORIGIN
from tests.support.authenticator import Answer, Bend


def saying(**members: Any) -> Bend:
    """Members of the client data set, or removed where they are ``...``."""

    def bend(answer: Answer) -> None:
        for name, value in members.items():
            answer.client_data[name] = value
            if value is ...:
                del answer.client_data[name]

    return bend


def rewritten(change: Callable[[bytes], bytes]) -> Bend:
    """The encoded client data changed before it is signed."""

    def bend(answer: Answer) -> None:
        answer.client_data_json = change(answer.client_data_bytes())

    return bend


NOT_UTF8 = [
    rewritten(lambda encoded: encoded.replace(b"index", b"ind\xffex")),
    rewritten(lambda encoded: encoded.decode().encode("utf-16")),
    rewritten(lambda encoded: encoded.replace(b"index", b"ind\xed\xa0\x80ex")),
]
NOT_JSON = [
    rewritten(lambda encoded: encoded[:-1]),
    rewritten(lambda encoded: b"[" + encoded + b"]"),
    rewritten(lambda encoded: encoded + b"x"),
    rewritten(lambda encoded: encoded + b"{}"),
    rewritten(lambda encoded: b'{"origin":"https://evil.example",' + encoded[1:]),
    rewritten(lambda encoded: b'{"crossOrigin":true,' + encoded[1:]),
    rewritten(lambda encoded: b'{"\\u0074ype":"webauthn.get",' + encoded[1:]),
    rewritten(lambda encoded: b'{"x":NaN,' + encoded[1:]),
    rewritten(lambda encoded: b'{"x":-Infinity,' + encoded[1:]),
    rewritten(lambda encoded: b'{"x":' + b"[" * 1500 + b"]" * 1500 + b"," + encoded[1:]),
    rewritten(lambda encoded: b'{"x":' + b"[" * 1500 + b"," + encoded[1:]),
    rewritten(lambda _encoded: b""),
    rewritten(lambda _encoded: b"null"),
    rewritten(lambda encoded: encoded.decode().encode("utf-16-be")),
    rewritten(lambda encoded: b"\xef\xbb\xbf\xef\xbb\xbf" + encoded),
]
OTHER_CHALLENGES = [
    saying(challenge=...),
    saying(challenge=None),
    saying(challenge=7),
    saying(challenge=""),
    saying(challenge="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    saying(challenge="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9"),  # bits that say nothing are set
    saying(challenge="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHiA"),
    saying(challenge="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg"),
    saying(challenge="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 "),
    saying(challenge=["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"]),
]
OTHER_ORIGINS = [
    saying(origin=origin)
    for origin in [
        ..., None, "", "null", 7, [ORIGIN], "http://index.example", "https://index.example:8443",
        "https://index.example:443", "https://files.index.example", "https://index.example.evil",
        "https://index.example/", "https://alice@index.example", "https://INDEX.example", "https://ind\u0435x.example",
        "https://xn--indx-f9d.example", " https://index.example", "https://index.example\0", "index.example",
        "android:apk-key-hash:abc",
    ]
]  # fmt: skip
NOT_FALSE: list[Any] = [True, "true", 1, 0, "", None, []]
FRAMED = [(saying(crossOrigin=value), "webauthn_cross_origin") for value in NOT_FALSE]
TOP_ORIGINS = [saying(topOrigin=value) for value in ("https://evil.example", ORIGIN, "", None)]
