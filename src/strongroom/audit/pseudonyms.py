"""Pseudonyms of IP addresses: they tell that two events came from one address when the address itself is gone.

IPv6 addresses of one household change by the day (RFC 8981), and it has 2^64 of them: they have one pseudonym (AU-06).
"""

from functools import lru_cache
from typing import Final

from django.conf import settings

from strongroom.kernel.client_address import household
from strongroom.kernel.secrets import mac

_LENGTH: Final = 16  # hex digits: 64 bits


@lru_cache(maxsize=10_000)
def of(address: str) -> str:
    """The pseudonym of an address; ``""`` of none. Whoever has the instance's key can try addresses, nobody else can."""
    if not address:
        return ""
    return mac(settings.KEYRING.derive("audit pseudonyms"), household(address).encode())[: _LENGTH // 2].hex()
