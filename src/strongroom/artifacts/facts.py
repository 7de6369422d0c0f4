"""What is known of a distribution once it has been read."""

from dataclasses import dataclass
from typing import Literal

from strongroom.kernel.names import NormalizedName

Kind = Literal["bdist_wheel", "sdist"]
"""The two kinds of distribution, in the words of the upload form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Core metadata (versions 1.0 to 2.5) as it stands in METADATA or PKG-INFO, checked and bounded.

    A text that is absent, or says ``UNKNOWN``, is ``""``. No text holds NUL; every text but ``description`` and
    ``license`` is one line. Requirements, URLs and addresses stand as they were written; ``license_expression`` is in
    its canonical form (PEP 639). ``keywords`` is one text, separated by commas or spaces.
    """

    metadata_version: str
    name: str
    version: str
    summary: str = ""
    description: str = ""
    description_content_type: str = ""
    author: str = ""
    author_email: str = ""
    maintainer: str = ""
    maintainer_email: str = ""
    license: str = ""
    license_expression: str = ""
    license_files: tuple[str, ...] = ()
    keywords: str = ""
    classifiers: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    supported_platforms: tuple[str, ...] = ()
    home_page: str = ""
    download_url: str = ""
    project_urls: tuple[tuple[str, str], ...] = ()
    requires_python: str = ""
    requires_dist: tuple[str, ...] = ()
    provides_extra: tuple[str, ...] = ()
    requires_external: tuple[str, ...] = ()
    provides_dist: tuple[str, ...] = ()
    obsoletes_dist: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    import_names: tuple[str, ...] = ()
    import_namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the bytes of one distribution say; nothing here comes from a form.

    ``version`` is canonical: ``str(packaging.version.Version)``. ``python_tag`` is ``source`` for sdists, else the first
    tag of the wheel's name, such as ``py3`` or ``cp311``. ``metadata_file`` is METADATA or PKG-INFO to the byte.
    """

    filename: str
    kind: Kind
    name: NormalizedName
    version: str
    python_tag: str
    metadata: Metadata
    metadata_file: bytes
