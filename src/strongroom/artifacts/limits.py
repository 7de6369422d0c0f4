"""How much an archive may cost."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one archive may cost in members, bytes and memory; whatever goes over is refused while it is read."""

    members: int = 50_000
    """Members, folders included."""
    decompressed_bytes: int = 8 * GIB
    """All members together, decompressed; for sdists the whole tar stream."""
    ratio: int = 50
    """Decompressed size over file size, once the decompressed size is over ``ratio_free_bytes``."""
    ratio_free_bytes: int = 64 * MIB
    """An archive that decompresses to no more than this may have any ratio."""
    directory_bytes: int = 16 * MIB
    """The central directory of a ZIP file, which is held in memory."""
    metadata_bytes: int = 5 * MIB
    """METADATA, PKG-INFO and RECORD, each, decompressed; they are held in memory."""
    small_file_bytes: int = MIB
    """WHEEL and entry_points.txt, each, decompressed."""
    pth_files: bool = True
    """Whether a wheel may install ``.pth`` files, whose ``import`` lines run whenever Python starts."""

    def budget(self, file_size: int) -> int:
        """The bytes that a file of ``file_size`` bytes may decompress to."""
        return min(self.decompressed_bytes, max(self.ratio_free_bytes, self.ratio * file_size))


DEFAULT = Limits()
"""The limits of an upload unless its operator sets others."""
