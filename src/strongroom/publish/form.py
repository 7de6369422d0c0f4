"""The upload form as values: what publishing tools send beside the file.

The form is only ever compared with the file (design, D10): nothing of it is shown or stored. It is the form of the
legacy upload API, which twine, uv, poetry, hatch, pdm and flit fill in, each a little differently.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from strongroom.kernel.refused import Refused

SINGLE: Final = frozenset(
    {
        ":action",
        "protocol_version",
        "name",
        "version",
        "filetype",
        "pyversion",
        "md5_digest",
        "sha256_digest",
        "blake2_256_digest",
        "summary",
        "requires_python",
        "license",
        "license_expression",
        "attestations",
    }
)
"""The fields that are read and may come once."""
MULTIPLE: Final = frozenset({"requires_dist"})
"""The fields that are read and may come again and again."""

_GONE = frozenset({"submit", "submit_pkg_info", "doc_upload"})
_DIGESTS = {
    "md5": re.compile(r"[0-9a-f]{32}"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "blake2_256": re.compile(r"[0-9a-f]{64}"),
}

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """An upload form that is complete and well formed. A text that was not sent, or says ``UNKNOWN``, is ``""``.

    ``digests`` holds at least one of ``md5``, ``sha256`` and ``blake2_256``, in lower-case hex.
    """

    filename: str
    name: str
    version: str
    filetype: str
    digests: Mapping[str, str]
    summary: str = ""
    requires_python: str = ""
    requires_dist: tuple[str, ...] = ()
    license: str = ""
    license_expression: str = ""
    attestations: str = ""


def parse(values: Values, *, filename: str) -> Form:
    """The form of ``values``; raises ``Refused``.

    Codes: ``field_repeated``, ``field_missing``, ``action_gone``, ``action_unknown``, ``protocol_version_unknown``,
    ``filetype_unknown``, ``pyversion_wrong``, ``digest_malformed``, ``digest_missing``.
    """
    _require_single(values)
    _require_action(_one(values, ":action"))
    if _one(values, "protocol_version") not in {"", "1"}:
        raise Refused("protocol_version_unknown", "Unknown protocol version; this index speaks version 1.")
    filetype = _filetype(values)
    return Form(
        filename=filename,
        name=_required(values, "name"),
        version=_required(values, "version"),
        filetype=filetype,
        digests=_digests(values),
        summary=_one(values, "summary"),
        requires_python=_one(values, "requires_python"),
        requires_dist=tuple(filter(None, map(_known, values.get("requires_dist", ())))),
        license=_one(values, "license"),
        license_expression=_one(values, "license_expression"),
        attestations=_one(values, "attestations"),
    )


def project_name(values: Values) -> str:
    """The project that the form names so far; raises ``Refused`` as ``parse`` does."""
    _require_single(values)
    return _required(values, "name")


def _require_single(values: Values) -> None:
    for field in SINGLE:
        if len(values.get(field, ())) > 1:
            raise Refused("field_repeated", f"The field '{field}' may be sent only once.", field=field)


def _require_action(action: str) -> None:
    if action in _GONE:
        raise Refused(
            "action_gone", "This index takes files only (':action' is 'file_upload'); nothing else is needed."
        )
    if action != "file_upload":
        raise Refused(
            "action_unknown", "Send the field ':action' with the value 'file_upload'.", field=":action"
        )


def _filetype(values: Values) -> str:
    filetype, pyversion = _one(values, "filetype"), _one(values, "pyversion")
    if filetype not in {"sdist", "bdist_wheel"}:
        raise Refused(
            "filetype_unknown", "Use a known file type: 'sdist' or 'bdist_wheel'.", field="filetype"
        )
    if filetype == "bdist_wheel" and not pyversion:
        raise Refused(
            "pyversion_wrong",
            "Python version is required for binary distribution uploads.",
            field="pyversion",
        )
    if filetype == "sdist" and pyversion not in {"", "source"}:
        raise Refused(
            "pyversion_wrong", "The Python version of a source distribution is 'source'.", field="pyversion"
        )
    return filetype


def _digests(values: Values) -> dict[str, str]:
    found = {kind: _one(values, f"{kind}_digest").lower() for kind in _DIGESTS}
    for kind, digest in found.items():
        if digest and not _DIGESTS[kind].fullmatch(digest):
            raise Refused(
                "digest_malformed", f"Use a valid, hex-encoded {kind} digest.", field=f"{kind}_digest"
            )
    given = {kind: digest for kind, digest in found.items() if digest}
    if not given:
        raise Refused("digest_missing", "Include at least one message digest.", field="sha256_digest")
    return given


def _required(values: Values, field: str) -> str:
    value = _one(values, field)
    if not value:
        raise Refused("field_missing", f"Send the field '{field}'.", field=field)
    return value


def _one(values: Values, field: str) -> str:
    return _known(values[field][0]) if values.get(field) else ""


def _known(value: str) -> str:
    """Old tools write UNKNOWN where there is nothing to write."""
    stripped = value.strip()
    return "" if stripped == "UNKNOWN" else stripped
