"""How far readers with a cursor, and files that are taken away, go at this moment, whatever is being written."""

from typing import Final

from strongroom.audit.sealed import last_sealed
from strongroom.audit.settled import settled

_PATIENCE: Final = 0.5  # seconds


def horizon() -> int:
    """The serial up to which no entry can still appear; where something writes for long, that of the newest seal."""
    found = settled(patience=_PATIENCE)
    return last_sealed() if found is None else found
