"""Names that the eye takes for one another."""

from strongroom.kernel.names import NormalizedName

_LOOKALIKES = str.maketrans({"-": None, "_": None, ".": None, "l": "1", "i": "1", "o": "0"})


def lookalike_key(name: NormalizedName) -> str:
    """Two names with the same key look alike: separators do not count, nor ``l``, ``i``, ``1``, nor ``o``, ``0`` (UP-32)."""
    return name.translate(_LOOKALIKES)
