"""Wheels: which files there must be, and that they are what the wheel says of itself (PEP 427)."""

from dataclasses import dataclass
from typing import Final

from packaging.version import InvalidVersion, Version

from strongroom.artifacts.entry_points import check_entry_points
from strongroom.artifacts.facts import Facts, Metadata
from strongroom.artifacts.filename import WheelName
from strongroom.artifacts.limits import Limits
from strongroom.artifacts.metadata import LICENSE_PATHS_SINCE, check_agreement, parse_metadata
from strongroom.artifacts.record import Recorded, read_record
from strongroom.artifacts.refusals import quoted, refusal
from strongroom.artifacts.source import Source
from strongroom.artifacts.wheel_file import check_wheel_file
from strongroom.artifacts.zip_reader import ZipReader
from strongroom.artifacts.zip_records import Entry
from strongroom.kernel.names import normalize

_SCHEMES: Final = frozenset(["purelib", "platlib", "headers", "scripts", "data"])
_LIBRARIES: Final = frozenset(["purelib", "platlib"])
_SIGNATURES: Final = ("RECORD.jws", "RECORD.p7s")


def inspect_wheel(source: Source, *, filename: str, parts: WheelName, limits: Limits) -> Facts:
    """Read the whole wheel once and return its facts; raises ``Refused``."""
    reader = ZipReader(source, limits)
    folder = _find_dist_info(reader.entries, parts)
    _check_places(reader.entries, folder, limits)
    about = _About.find(reader.entries, folder, limits)
    kept = _read_members(reader, about)
    check_wheel_file(kept[about.wheel], tags=parts.tags)
    if about.entry_points:
        check_entry_points(kept[about.entry_points])
    metadata = parse_metadata(kept[about.metadata], what="METADATA")
    check_agreement(metadata, name=parts.name, version=parts.version, what="METADATA")
    _check_license_files(metadata, reader.entries, folder)
    return Facts(
        filename=filename,
        kind="bdist_wheel",
        name=parts.name,
        version=str(Version(metadata.version)),
        python_tag=parts.python_tag,
        metadata=metadata,
        metadata_file=kept[about.metadata],
    )


@dataclass(frozen=True, slots=True)
class _About:
    """The members in which a wheel tells of itself, by path."""

    metadata: str
    wheel: str
    entry_points: str | None
    record: Entry
    unhashed: frozenset[str]

    @classmethod
    def find(cls, entries: list[Entry], folder: str, limits: Limits) -> "_About":
        """Find them in the ``.dist-info`` folder; refuse if one is missing or too large to be held in memory."""
        found = {entry.name: entry for entry in entries if entry.name.startswith(folder + "/")}
        for name, limit in (
            ("METADATA", limits.metadata_bytes),
            ("RECORD", limits.metadata_bytes),
            ("WHEEL", limits.small_file_bytes),
            ("entry_points.txt", limits.small_file_bytes),
        ):
            entry = found.get(f"{folder}/{name}")
            if entry is None and name != "entry_points.txt":
                raise refusal(
                    "wheel_file_missing", f"The wheel has no {quoted(f'{folder}/{name}')}. Build it again."
                )
            # The size that the directory claims; reading stops there (W30).
            if entry is not None and entry.size > limit:
                raise refusal("metadata_too_large", f"{name} is larger than {limit} bytes. Make it smaller.")
        entry_points = f"{folder}/entry_points.txt"
        return cls(
            metadata=f"{folder}/METADATA",
            wheel=f"{folder}/WHEEL",
            entry_points=entry_points if entry_points in found else None,
            record=found[f"{folder}/RECORD"],
            unhashed=frozenset(f"{folder}/{name}" for name in ("RECORD", *_SIGNATURES)),
        )


def _read_members(reader: ZipReader, about: _About) -> dict[str, bytes]:
    """Read every member, hold it against RECORD (W32), and keep the few that are parsed."""
    recorded = Recorded(read_record(reader.read(about.record), unhashed=about.unhashed))
    keep = {about.metadata, about.wheel, about.entry_points}
    kept: dict[str, bytes] = {}
    for entry in reader.entries:
        if entry is about.record:
            continue
        if entry.is_folder or entry.name in about.unhashed:
            for _ in reader.content(entry):
                pass  # to the end, where size and CRC are checked
            continue
        check = recorded.begin(entry.name)
        chunks = []
        for chunk in reader.content(entry):
            check.update(chunk)
            if entry.name in keep:
                chunks.append(chunk)
        check.finish()
        if entry.name in keep:
            kept[entry.name] = b"".join(chunks)
    recorded.finish()
    return kept


def _find_dist_info(entries: list[Entry], parts: WheelName) -> str:
    """The one ``.dist-info`` folder; a second would be another distribution that the wheel installs unseen (UP-17)."""
    folders = {top for entry in entries if _is_dist_info(top := entry.name.partition("/")[0])}
    if len(folders) != 1:
        raise refusal(
            "wheel_dist_info",
            f"The wheel has {len(folders)} .dist-info folders; it must have one. Build it again.",
        )
    (folder,) = folders
    if not _is_named_after(folder, ".dist-info", parts):
        raise refusal(
            "wheel_dist_info",
            f"The folder {quoted(folder)} does not belong to {quoted(parts.name)} {quoted(str(parts.version))}. "
            "Build the wheel again instead of renaming it.",
        )
    return folder


def _check_places(entries: list[Entry], folder: str, limits: Limits) -> None:
    """Refuse what installers would put where the wheel has no business."""
    data_folder = folder.removesuffix(".dist-info") + ".data"
    for entry in entries:
        top, _, rest = entry.name.partition("/")
        if top.lower().endswith(".data"):
            scheme, _, rest = rest.partition("/")
            if top != data_folder or (scheme not in _SCHEMES and (scheme or not entry.is_folder)):
                raise refusal(
                    "wheel_data_folder",
                    f"The member {quoted(entry.name)} does not lie in {quoted(data_folder)} with one of "
                    f"{', '.join(sorted(_SCHEMES))}.",
                )
            if scheme in _LIBRARIES:
                _check_library_file(rest, entry, limits)
        elif top != folder:
            _check_library_file(entry.name, entry, limits)


def _check_library_file(path: str, entry: Entry, limits: Limits) -> None:
    """``path`` is below ``site-packages``, by way of the wheel's root or of ``.data/purelib`` and ``.data/platlib``."""
    top, slash, _ = path.partition("/")
    if _is_dist_info(top):
        raise refusal(
            "wheel_dist_info", f"The member {quoted(entry.name)} would install a second distribution."
        )
    startup = top.lower()
    if startup in ("sitecustomize.py", "usercustomize.py") or (
        not limits.pth_files and not slash and startup.endswith(".pth")
    ):
        raise refusal(
            "wheel_startup_file",
            f"The member {quoted(entry.name)} would run at every start of Python. Leave it out.",
        )


def _check_license_files(metadata: Metadata, entries: list[Entry], folder: str) -> None:
    """PEP 639: "License files MUST be ... in the .dist-info/licenses/ directory", at the path that License-File names."""
    if not metadata.license_files or metadata.metadata_version < LICENSE_PATHS_SINCE:
        return
    names = {entry.name for entry in entries}
    for path in metadata.license_files:
        if f"{folder}/licenses/{path}" not in names:
            raise refusal(
                "license_file_missing",
                f"License-File names {quoted(path)}, but the wheel has no {quoted(f'{folder}/licenses/{path}')}.",
                field="license_files",
            )


def _is_dist_info(top: str) -> bool:
    return top.lower().endswith(".dist-info")


def _is_named_after(folder: str, ending: str, parts: WheelName) -> bool:
    name, _, version = folder.removesuffix(ending).partition("-")
    try:
        return normalize(name) == parts.name and Version(version) == parts.version
    except (InvalidVersion, ValueError):
        return False
