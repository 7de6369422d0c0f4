"""Which model of authenticator an AAGUID stands for. Unattested: a name to recognize a key by, never a proof."""

from typing import Final
from uuid import UUID

_NAMES: Final[dict[str, str]] = {}


def name_of(aaguid: UUID) -> str:
    """The model's name, or ``""`` where it is unknown or the authenticator keeps it to itself."""
    return _NAMES.get(str(aaguid), "")
