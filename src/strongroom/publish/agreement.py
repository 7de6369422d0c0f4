"""Whether form and file say the same (UP-20).

What is compared is what decides about an installation or is shown first, each in its normalized form, because tools
spell and order it differently. A field that the form leaves out says nothing, so it cannot disagree.
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from strongroom.artifacts.facts import Facts
from strongroom.kernel.names import normalize
from strongroom.kernel.refused import Refused
from strongroom.projects.files import Digests
from strongroom.publish.form import Form

Text = TypeVar("Text", str, tuple[str, ...])


def require_same_bytes(form: Form, digests: Digests) -> None:
    """Raises ``Refused`` (``digest_mismatch``) unless every digest in the form is that of the bytes that came (UP-04)."""
    for kind, digest in form.digests.items():
        if getattr(digests, kind) != digest:
            raise Refused(
                "digest_mismatch",
                f"The {kind} digest of the uploaded file is not the one in the form. Upload the file again.",
                field=f"{kind}_digest",
            )


def require_agreement(form: Form, facts: Facts) -> None:
    """Raises ``Refused`` (``metadata_mismatch``) unless the form says what the file's own metadata says."""
    metadata = facts.metadata
    _require(form.filetype == facts.kind, "filetype")
    _require(normalize(form.name) == facts.name, "name")
    _agree("version", form.version, facts.version, _version)
    _agree("summary", form.summary, metadata.summary, _words)
    _agree("requires_python", form.requires_python, metadata.requires_python, _specifiers)
    _agree("license", form.license, metadata.license or form.license, _letters)
    _agree("license_expression", form.license_expression, metadata.license_expression, _letters)
    _agree("requires_dist", form.requires_dist, metadata.requires_dist, _requirements)


def _agree(field: str, in_form: Text, in_file: Text, normalized: Callable[[Text], object]) -> None:
    """Mostly the two are the same to the letter; normalizing takes time."""
    if in_form and in_form != in_file:
        _require(normalized(in_form) == normalized(in_file), field)


def _require(same: bool, field: str) -> None:
    if not same:
        raise Refused(
            "metadata_mismatch",
            f"The field '{field}' of the form is not what the file's own metadata says. Build and upload it again.",
            field=field,
        )


def _words(text: str) -> str:
    return " ".join(text.split())


def _letters(text: str) -> str:
    """Without what folding over lines adds: tools indent the text of a license, or put bars before its lines."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _version(text: str) -> Version | str:
    try:
        return Version(text)
    except InvalidVersion:
        return text


def _specifiers(text: str) -> frozenset[Specifier] | str:
    try:
        return frozenset(SpecifierSet(text))
    except InvalidSpecifier:
        return _words(text)


def _requirements(lines: Iterable[str]) -> set[tuple[object, ...]]:
    """Each requirement's name, extras, versions and address. Markers are left out: there are many ways to write one."""
    return {_requirement(line) for line in lines}


def _requirement(line: str) -> tuple[object, ...]:
    try:
        parsed = Requirement(line)
    except InvalidRequirement:
        return (_words(line),)
    extras = frozenset(canonicalize_name(extra) for extra in parsed.extras)
    return canonicalize_name(parsed.name), extras, parsed.specifier, parsed.url
