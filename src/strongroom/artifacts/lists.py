"""The fields of core metadata that may stand there more than once."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, canonicalize_name
from trove_classifiers import classifiers as _all_classifiers
from trove_classifiers import deprecated_classifiers

from strongroom.artifacts.fields import MAX_LINE, form_field, invalid, is_web_address
from strongroom.artifacts.headers import Headers
from strongroom.artifacts.refusals import quoted, refusal

MAX_VALUES = 4000
MAX_LABEL = 32
MAX_CACHED = 200

_CLASSIFIERS: Final = frozenset(_all_classifiers)
_IMPORT_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:\s*;\s*private)?")

# Core metadata: Dynamic names "a field of core metadata", other than the three that tell which metadata it is.
_DYNAMIC: Final = frozenset([
    "platform", "supported-platform", "summary", "description", "description-content-type", "keywords",
    "home-page", "download-url", "author", "author-email", "maintainer", "maintainer-email", "license",
    "license-expression", "license-file", "classifier", "requires-dist", "requires-python",
    "requires-external", "project-url", "provides-extra", "provides-dist", "obsoletes-dist", "requires",
    "provides", "obsoletes", "import-name", "import-namespace", "dynamic",
])  # fmt: skip


def texts(headers: Headers, field: str) -> tuple[str, ...]:
    """The values of ``field``; empty ones and ``UNKNOWN`` are left out.

    Raises ``Refused`` (``metadata_invalid``) for more than 4,000 of them, for 4,096 characters in one, and for one that
    is folded over several lines.
    """
    values = headers.get(field.lower())
    return tuple(_texts(values, field)) if values else ()


def classifiers(headers: Headers) -> tuple[str, ...]:
    """Classifier: each on the list of trove classifiers, and not replaced by another."""
    values = texts(headers, "Classifier")
    if not _CLASSIFIERS.issuperset(values):
        for value in values:
            _check_classifier(value)
    return values


def project_urls(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Project-URL as (label, URL): a label of at most 32 characters, an http or https address."""
    pairs: dict[str, str] = {}
    for value in texts(headers, "Project-URL"):
        label, comma, url = (part.strip() for part in value.partition(","))
        if not comma or not 0 < len(label) <= MAX_LABEL:
            raise invalid(
                "Project-URL",
                f"must be 'Label, URL' with a label of at most {MAX_LABEL} characters, not {quoted(value)}",
            )
        if label in pairs:
            raise invalid("Project-URL", f"must not have the label {quoted(label)} twice")
        if not is_web_address(url):
            raise invalid(
                "Project-URL", f"must have a URL that begins with http:// or https:// behind {quoted(label)}"
            )
        pairs[label] = url
    return tuple(pairs.items())


def requirements(headers: Headers, field: str) -> tuple[str, ...]:
    """Requires-Dist, Provides-Dist or Obsoletes-Dist: requirements (PEP 508) that point to no address."""
    values = texts(headers, field)
    for value in values:
        has_address = _has_address(value) if len(value) <= MAX_CACHED else _has_address.__wrapped__(value)
        if has_address is None:
            raise invalid(field, f"must be a requirement such as 'six>=1.16' (PEP 508), not {quoted(value)}")
        if has_address:  # installers would fetch it from wherever it points to, without the index's checks
            raise refusal(
                "requirement_direct_url",
                f"{field} must not point to an address: {quoted(value)}. Require a version from an index instead.",
                field=form_field(field),
            )
    return values


def extras(headers: Headers) -> tuple[str, ...]:
    """Provides-Extra: names such as ``tests`` (PEP 685)."""
    values = texts(headers, "Provides-Extra")
    for value in values:
        try:
            canonicalize_name(value, validate=True)
        except InvalidName:
            raise invalid("Provides-Extra", f"must be a name such as 'tests', not {quoted(value)}") from None
    return values


def dynamic(headers: Headers) -> tuple[str, ...]:
    """Dynamic: names of other fields (PEP 643)."""
    values = texts(headers, "Dynamic")
    for value in values:
        if value.lower() not in _DYNAMIC:
            raise invalid(
                "Dynamic",
                f"must name a field other than Name, Version and Metadata-Version, not {quoted(value)}",
            )
    return values


def license_files(headers: Headers, *, are_paths: bool) -> tuple[str, ...]:
    """License-File; ``are_paths`` says whether PEP 639 applies, by which they are relative paths with ``/``."""
    values = texts(headers, "License-File")
    for value in values if are_paths else ():
        parts = value.split("/")
        if "" in parts or "." in parts or ".." in parts or not set(value).isdisjoint("\\*:"):
            raise invalid(
                "License-File", f"must be a path below the project's folder, with '/', not {quoted(value)}"
            )
    return values


def import_names(headers: Headers, field: str) -> tuple[str, ...]:
    """Import-Name or Import-Namespace: dotted names, perhaps ``; private`` (PEP 794)."""
    values = texts(headers, field)
    for value in values:
        if not _IMPORT_NAME.fullmatch(value):
            raise invalid(field, f"must be a dotted name such as 'demo.tools', not {quoted(value)}")
    return values


def _texts(values: list[str], field: str) -> Iterator[str]:
    if len(values) > MAX_VALUES:
        raise invalid(field, f"must not stand there more than {MAX_VALUES} times")
    for value in values:
        text = value.strip()
        if len(text) > MAX_LINE or "\n" in text:
            raise invalid(field, f"must be one line of at most {MAX_LINE} characters")
        if text and text != "UNKNOWN":
            yield text


def _check_classifier(value: str) -> None:
    if value in _CLASSIFIERS:
        return
    if value.startswith("Private ::"):
        raise refusal(
            "classifier_private",
            f"The classifier {quoted(value)} says that the project must not be uploaded. Remove it if it may be.",
            field="classifiers",
        )
    if value in deprecated_classifiers:
        replacements = deprecated_classifiers[value]
        advice = f"Use {' or '.join(map(quoted, replacements))} instead." if replacements else "Remove it."
        raise refusal(
            "classifier_deprecated",
            f"The classifier {quoted(value)} is deprecated. {advice}",
            field="classifiers",
        )
    raise refusal(
        "classifier_unknown",
        f"There is no classifier {quoted(value)}. Remove it, or take one of the list of trove classifiers.",
        field="classifiers",
    )


@lru_cache(maxsize=4096)
def _has_address(requirement: str) -> bool | None:
    """Whether a requirement points to an address; None if it is none. The same few thousand come over and over."""
    try:
        return Requirement(requirement).url is not None
    except (InvalidRequirement, ValueError, RecursionError):
        return None
