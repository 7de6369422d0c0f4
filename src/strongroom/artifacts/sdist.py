"""Sdists: one folder, PKG-INFO in it, and nothing that leaves it (PEP 517, PEP 625, PEP 643)."""

from typing import Final

from packaging.version import Version

from strongroom.artifacts.facts import Facts, Metadata
from strongroom.artifacts.filename import SdistName
from strongroom.artifacts.gzip_stream import GzipStream
from strongroom.artifacts.limits import Limits
from strongroom.artifacts.links import Links
from strongroom.artifacts.metadata import LICENSE_PATHS_SINCE, check_agreement, parse_metadata
from strongroom.artifacts.paths import check_sdist_path
from strongroom.artifacts.refusals import quoted, refusal
from strongroom.artifacts.source import Source
from strongroom.artifacts.tar_reader import Member, TarReader
from strongroom.artifacts.zip_framing import ends_like_zip

_SET_ID: Final = 0o6000


def inspect_sdist(source: Source, *, filename: str, parts: SdistName, limits: Limits) -> Facts:
    """Read the whole sdist once and return its facts; raises ``Refused``."""
    contents = _Contents(limits)
    reader = TarReader(GzipStream(source, limits), limits)
    for member in reader.members():
        contents.add(member, reader)
    pkg_info = contents.finish()
    # A ZIP file may begin anywhere, so one can hide at the end of a gzip stream (check 48, UP-25).
    if ends_like_zip(source):
        raise refusal(
            "archive_ambiguous", "The file is a tar file and a ZIP file at once. Build the sdist again."
        )
    metadata = parse_metadata(pkg_info, what="PKG-INFO")
    check_agreement(metadata, name=parts.name, version=parts.version, what="PKG-INFO")
    contents.check_license_files(metadata)
    return Facts(
        filename=filename,
        kind="sdist",
        name=parts.name,
        version=str(Version(metadata.version)),
        python_tag="source",
        metadata=metadata,
        metadata_file=pkg_info,
    )


class _Contents:
    """What has been seen of an sdist's members."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._links = Links()
        self._top = ""
        self._pkg_info: bytes | None = None

    def add(self, member: Member, reader: TarReader) -> None:
        """Check one member and keep it if it is PKG-INFO."""
        check_sdist_path(member.path)
        top, _, inside = member.path.partition("/")
        self._top = self._top or top
        if top != self._top or not (inside or member.kind == "folder"):
            raise refusal(
                "sdist_top_folder",
                f"{quoted(member.path)} does not lie in the folder {quoted(self._top)}. An sdist has one folder at its top.",
            )
        # Installers drop these bits, people who unpack with tar as root may not.
        if member.kind == "file" and member.mode & _SET_ID:
            raise refusal(
                "tar_set_id",
                f"The file {quoted(member.path)} has a set-user-ID or set-group-ID bit. Remove it.",
            )
        self._links.add(member)
        if inside == "PKG-INFO" and member.kind == "file":
            if member.size > self._limits.metadata_bytes:
                raise refusal(
                    "metadata_too_large",
                    f"PKG-INFO is larger than {self._limits.metadata_bytes} bytes. Make it smaller.",
                )
            self._pkg_info = reader.content()

    def finish(self) -> bytes:
        """PKG-INFO, once all members have been added."""
        self._links.finish()
        if not self._top:
            raise refusal("archive_empty", "The sdist has no members. Build it again.")
        if self._pkg_info is None:
            raise refusal(
                "sdist_missing_pkg_info",
                f"There is no file {quoted(self._top + '/PKG-INFO')} in the sdist. Build it with a current tool.",
            )
        return self._pkg_info

    def check_license_files(self, metadata: Metadata) -> None:
        """PEP 639: License-File names files "relative to the project root"."""
        for path in metadata.license_files if metadata.metadata_version >= LICENSE_PATHS_SINCE else ():
            if not self._links.has_file(f"{self._top}/{path}"):
                raise refusal(
                    "license_file_missing",
                    f"License-File names {quoted(path)}, but there is no such file in the sdist.",
                    field="license_files",
                )
