"""Core metadata, versions 1.0 to 2.5: METADATA of wheels, PKG-INFO of sdists.

Fields mean what ``packaging.metadata`` takes them to mean; each is checked with the pieces of ``packaging`` and refused
with a sentence of its own. Headers that are unknown, or newer than the stated Metadata-Version, are no reason to refuse:
installers pass over them, and setuptools wrote ``License-File`` for years before there was a version that had it.
"""

from typing import Final

from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from strongroom.artifacts import fields, lists
from strongroom.artifacts.facts import Metadata
from strongroom.artifacts.filename import local_version
from strongroom.artifacts.headers import Headers, parse_headers
from strongroom.artifacts.refusals import quoted, refusal
from strongroom.kernel.names import MAX_PROJECT_NAME

METADATA_VERSIONS: Final = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")
LICENSE_PATHS_SINCE: Final = "2.4"
"""From this version on License-File names paths in the distribution (PEP 639); before, it was nobody's standard."""

MAX_VERSION = 128


def parse_metadata(content: bytes, *, what: str) -> Metadata:
    """The metadata in ``content``, the bytes of the file ``what`` (METADATA or PKG-INFO).

    Raises ``Refused``: ``metadata_malformed``, ``metadata_version_unsupported``, ``metadata_invalid`` with the field at
    fault, ``version_local``, ``classifier_...``, ``requirement_direct_url``.
    """
    headers, body = parse_headers(content, what=what)
    metadata_version = fields.one(headers, "Metadata-Version")
    if metadata_version not in METADATA_VERSIONS:
        raise refusal(
            "metadata_version_unsupported",
            f"The Metadata-Version {quoted(metadata_version)} is unknown. Use one of {', '.join(METADATA_VERSIONS)}.",
            field="metadata_version",
        )
    license_expression = fields.license_expression(headers)
    return Metadata(
        metadata_version=metadata_version,
        name=_name(headers),
        version=_version(headers),
        summary=fields.summary(headers),
        description=fields.description(headers, body),
        description_content_type=fields.content_type(headers),
        author=fields.unfolded(headers, "Author"),
        author_email=fields.addresses(headers, "Author-email"),
        maintainer=fields.unfolded(headers, "Maintainer"),
        maintainer_email=fields.addresses(headers, "Maintainer-email"),
        license=fields.license_text(headers, license_expression),
        license_expression=license_expression,
        license_files=lists.license_files(headers, are_paths=metadata_version >= LICENSE_PATHS_SINCE),
        keywords=fields.unfolded(headers, "Keywords"),
        classifiers=lists.classifiers(headers),
        platforms=lists.texts(headers, "Platform"),
        supported_platforms=lists.texts(headers, "Supported-Platform"),
        home_page=fields.url(headers, "Home-page"),
        download_url=fields.url(headers, "Download-URL"),
        project_urls=lists.project_urls(headers),
        requires_python=fields.requires_python(headers),
        requires_dist=lists.requirements(headers, "Requires-Dist"),
        provides_extra=lists.extras(headers),
        requires_external=lists.texts(headers, "Requires-External"),
        provides_dist=lists.requirements(headers, "Provides-Dist"),
        obsoletes_dist=lists.requirements(headers, "Obsoletes-Dist"),
        dynamic=lists.dynamic(headers),
        import_names=lists.import_names(headers, "Import-Name"),
        import_namespaces=lists.import_names(headers, "Import-Namespace"),
    )


def check_agreement(metadata: Metadata, *, name: str, version: Version, what: str) -> None:
    """Refuse unless the metadata is that of the normalized ``name`` and ``version``, taken from the file's name."""
    if canonicalize_name(metadata.name) != name or Version(metadata.version) != version:
        raise refusal(
            "filename_mismatch",
            f"The file is named for {quoted(name)} {quoted(str(version))}, but {what} is that of "
            f"{quoted(metadata.name)} {quoted(metadata.version)}. Build it again instead of renaming it.",
            field="content",
        )


def _name(headers: Headers) -> str:
    name = fields.one(headers, "Name")
    try:
        canonicalize_name(name, validate=True)
    except InvalidName:
        name = ""
    if not 0 < len(name) <= MAX_PROJECT_NAME:
        raise fields.invalid(
            "Name",
            "must consist of ASCII letters, digits, '.', '_' and '-', begin and end with a letter or digit, and have "
            f"at most {MAX_PROJECT_NAME} characters",
        )
    return name


def _version(headers: Headers) -> str:
    text = fields.one(headers, "Version")
    try:
        version = Version(text) if len(text) <= MAX_VERSION else None
    except (InvalidVersion, ValueError):
        version = None
    if version is None:
        raise fields.invalid("Version", "must be a version such as 1.0, 2.1.post1 or 3.0rc2 (PEP 440)")
    if version.local is not None:
        raise local_version(text)
    return text
