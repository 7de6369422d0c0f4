"""Which platforms wheels may be for: those that installers can tell apart and that mean the same everywhere."""

import re
from typing import Final

_LINUX = "x86_64|i686|aarch64|armv7l|armv6l|ppc64|ppc64le|s390x|riscv64|loongarch64"
_MAC = "x86_64|arm64|universal2|universal|intel|i386|fat|fat32|fat64|ppc|ppc64"

_SUPPORTED: Final = re.compile(
    "|".join([
        "any",
        r"win32|win_(?:amd64|arm64|arm32|ia64)",
        r"manylinux(?:1|2010)_(?:x86_64|i686)",  # PEP 513, PEP 571
        r"manylinux2014_(?:x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x)",  # PEP 599
        rf"manylinux_[0-9]{{1,3}}_[0-9]{{1,3}}_(?:{_LINUX})",  # PEP 600
        rf"musllinux_[0-9]{{1,3}}_[0-9]{{1,3}}_(?:{_LINUX})",  # PEP 656
        r"linux_armv[67]l",  # no manylinux exists for the one; both are in wide use on small boards
        rf"macosx_10_[0-9]{{1,2}}_(?:{_MAC})",
        rf"macosx_(?:1[1-9]|[2-9][0-9])_0_(?:{_MAC})",  # since macOS 11 the second number is always 0
        r"ios_[0-9]{1,2}_[0-9]{1,2}_(?:arm64|x86_64)_(?:iphoneos|iphonesimulator)",  # PEP 730
        r"android_[0-9]{1,2}_(?:arm64_v8a|armeabi_v7a|x86_64|x86)",  # PEP 738
        r"pyemscripten_20[0-9]{2}_[0-9]{1,2}_wasm32",  # PEP 783
    ])
)  # fmt: skip


def is_supported_platform(tag: str) -> bool:
    """Whether a wheel may be for the platform ``tag``, one of a compressed set."""
    return _SUPPORTED.fullmatch(tag) is not None
