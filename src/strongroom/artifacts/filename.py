"""What the name of a distribution's file says.

Wheels are named ``{name}-{version}(-{build})?-{python}-{abi}-{platform}.whl`` (PEP 427), sdists
``{name}-{version}.tar.gz`` (PEP 625). PEP 625 wants the name normalized; what was built by older tools writes
``Django-4.2.tar.gz`` or ``zope.interface-5.0.tar.gz``. Such names are taken, as long as they normalize to the name and
version in the metadata; ``canonical`` gives the one spelling under which two of them are the same file.
"""

import re
from dataclasses import dataclass

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_version,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from strongroom.artifacts.facts import Kind
from strongroom.artifacts.platforms import is_supported_platform
from strongroom.artifacts.refusals import quoted, refusal
from strongroom.kernel.names import MAX_PROJECT_NAME, NormalizedName

MAX_FILENAME = 255
MAX_TAGS = 256

# Nothing that could be a path, a header, a shell word or another script's letters (UP-06).
_SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._!+-]*")
_TAGS = re.compile(r"[a-z0-9_.]+-[a-z0-9_.]+-[a-z0-9_.]+")
_BUILD = re.compile(r"[0-9][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelName:
    """The parts of a wheel's name; ``tags`` holds the expanded triples, such as ``py3-none-any``."""

    name: NormalizedName
    version: Version
    build: str
    python_tag: str
    tags: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SdistName:
    """The parts of an sdist's name."""

    name: NormalizedName
    version: Version


def parse(filename: str, *, kind: str | None = None) -> WheelName | SdistName:
    """The parts of ``filename``; raises ``Refused`` (``filename_invalid``, ``filename_too_long``, ``version_local``,
    ``platform_tag_unsupported``). With ``kind``, it must be the name of such a distribution.
    """
    if len(filename) > MAX_FILENAME:
        raise refusal(
            "filename_too_long",
            f"Give the file a name of at most {MAX_FILENAME} characters.",
            field="content",
        )
    if not _SHAPE.fullmatch(filename):
        raise _invalid(filename, "consists of ASCII letters, digits, '.', '_', '-' and '!' alone")
    if kind in (None, "bdist_wheel") and filename.endswith(".whl"):
        return _parse_wheel(filename)
    if kind in (None, "sdist") and filename.endswith(".tar.gz"):
        return _parse_sdist(filename)
    raise _invalid(filename, _ENDINGS.get(kind, "ends in .whl (wheel) or .tar.gz (sdist)"))


def canonical(filename: str) -> str:
    """The spelling that all names of the same file share: the key under which a filename is taken for ever.

    ``Demo-1.0.0.tar.gz`` and ``demo-1.0.tar.gz`` are the same file. Raises ``Refused`` as ``parse`` does.
    """
    parts = parse(filename)
    stem = f"{parts.name.replace('-', '_')}-{canonicalize_version(parts.version)}"
    if isinstance(parts, SdistName):
        return f"{stem}.tar.gz"
    tags = (
        ".".join(sorted(set(part.split(".")))) for part in filename.removesuffix(".whl").rsplit("-", 3)[1:]
    )
    return "-".join([stem, *([parts.build] if parts.build else []), *tags]) + ".whl"


def kind_of(parts: WheelName | SdistName) -> Kind:
    """The kind of distribution that has such a name."""
    return "bdist_wheel" if isinstance(parts, WheelName) else "sdist"


def _parse_wheel(filename: str) -> WheelName:
    stem, *triple = filename.removesuffix(".whl").rsplit("-", 3)
    build = stem.split("-")[2:]
    if not _TAGS.fullmatch("-".join(triple)) or not all(_BUILD.fullmatch(part) for part in build):
        raise _invalid(filename, _WHEEL_SHAPE)
    _check_tag_count(triple, filename)
    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, ValueError):  # a number of 5,000 digits is a plain ValueError
        raise _invalid(filename, _WHEEL_SHAPE) from None
    _check_name_and_version(name, version, filename)
    for platform in triple[2].split("."):
        if not is_supported_platform(platform):
            raise refusal(
                "platform_tag_unsupported",
                f"Wheels for the platform {quoted(platform)} are not taken. Use a tag such as manylinux_2_28_x86_64, "
                "musllinux_1_2_x86_64, macosx_11_0_arm64, win_amd64 or any.",
                field="content",
            )
    return WheelName(
        name=NormalizedName(name),
        version=version,
        build="".join(build),
        python_tag=triple[0],
        tags=frozenset(map(str, tags)),
    )


def _parse_sdist(filename: str) -> SdistName:
    try:
        name, version = parse_sdist_filename(filename)
    except (InvalidSdistFilename, ValueError):
        raise _invalid(filename, _SDIST_SHAPE) from None
    _check_name_and_version(name, version, filename)
    return SdistName(name=NormalizedName(name), version=version)


def _check_tag_count(triple: list[str], filename: str) -> None:
    """Compressed tag sets multiply: 80 tags in each of three places would be half a million."""
    count = 1
    for part in triple:
        count *= part.count(".") + 1
    if count > MAX_TAGS:
        raise _invalid(filename, f"stands for at most {MAX_TAGS} combinations of tags")


def _check_name_and_version(name: str, version: Version, filename: str) -> None:
    if len(name) > MAX_PROJECT_NAME or name.startswith("-") or name.endswith("-"):
        raise _invalid(filename, f"begins with the project's name, of at most {MAX_PROJECT_NAME} characters")
    if version.local is not None:
        raise local_version(str(version))


def local_version(version: str) -> Exception:
    """The refusal of a version such as ``1.0+local``, which PEP 440 keeps for builds that are not published."""
    return refusal(
        "version_local",
        f"The version {quoted(version)} has a local part. Leave out what stands behind the '+' and build again.",
        field="version",
    )


_WHEEL_SHAPE = "is {name}-{version}-{python tag}-{ABI tag}-{platform tag}.whl"
_SDIST_SHAPE = "is {name}-{version}.tar.gz with a version as in PEP 440"
_ENDINGS: dict[str | None, str] = {"bdist_wheel": "ends in .whl", "sdist": "ends in .tar.gz"}


def _invalid(filename: str, shape: str) -> Exception:
    return refusal(
        "filename_invalid", f"{quoted(filename)} cannot be the name of the file. It {shape}.", field="content"
    )
