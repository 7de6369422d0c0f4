"""What people type of the limits of a token, in the one spelling in which it stands in its caveats.

Each function raises ``ValueError`` for what is none. Nothing here knows the site, so that tokens are narrowed anywhere.
"""

import ipaddress
import re
from typing import Final

from packaging.version import Version

from strongroom.kernel.names import normalize
from strongroom.tokens import caveats

MAX_NAMED: Final = 20
"""Projects, patterns, networks or digests in one token: it is sent along with every request."""
MAX_USES: Final = 1_000_000
FOR_EVER: Final = 253402300799
"""The last second of the year 9999."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


def pattern(word: str) -> str:
    """A name of projects, or the beginning of one and then ``*``: what ends in a separator keeps it."""
    if word.endswith("*"):
        found = re.sub(r"[-_.]+", "-", word[:-1]).lower() + "*"
    else:
        found = str(normalize(word))
    if not caveats.is_pattern(found):
        raise ValueError(word)
    return found


def network(word: str) -> str:
    """A network in CIDR notation; an address is a network of one."""
    return str(ipaddress.ip_network(word))


def digest(word: str) -> str:
    """A SHA-256 digest in lower-case hex; ``sha256:`` may stand before it."""
    found = word.lower().removeprefix("sha256:")
    if not _DIGEST.fullmatch(found):
        raise ValueError(word)
    return found


def version(word: str) -> str:
    """A version (PEP 440), normalized."""
    return str(Version(word))
