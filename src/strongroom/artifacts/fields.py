"""The fields of core metadata that may stand there once."""

import re
import textwrap
from typing import Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from strongroom.artifacts.headers import Headers
from strongroom.artifacts.refusals import quoted, refusal

MAX_SUMMARY = 512
MAX_LINE = 4096
MAX_URL = 2048
MAX_LICENSE = 256 * 1024
MAX_EXPRESSION = 1024
MAX_SPECIFIERS = 512

# RFC 3986, with a host of letters, digits, dots and dashes (or an IPv6 address) and without a user before it: what
# stands in front of an "@" is read as the host by people. Not ASCII, not a URL: names of other scripts come as punycode.
_URL: Final = re.compile(
    r"https?://(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#](?:[a-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9a-f]{2})*)?",
    re.IGNORECASE,
)
_QUOTED_OR_COMMENT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)')
_ADDRESS: Final = re.compile(
    r"[^\s<>()\[\]@,;:\\\"]+@(?=.{1,253}$)[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)+"
)
_CONTENT_TYPE: Final = re.compile(
    r"(text/plain|text/x-rst|text/markdown)((?:\s*;\s*[a-z0-9-]+=[^\s;]+)*)\s*;?", re.IGNORECASE
)
_PARAMETERS: Final = {"charset": ("utf-8",), "variant": ("gfm", "commonmark")}


def one(headers: Headers, field: str) -> str:
    """The value of ``field``, one line, without spaces around it; ``""`` if it is absent or ``UNKNOWN``.

    Raises ``Refused`` (``metadata_invalid``) if it stands there twice, is folded or is longer than 4,096 characters.
    """
    value = _single(headers, field)
    if "\n" in value:
        raise invalid(field, "must be one line")
    return _bounded(value, field, MAX_LINE)


def unfolded(headers: Headers, field: str) -> str:
    """The value of ``field``, which may be folded, as one line."""
    return _bounded(" ".join(map(str.strip, _single(headers, field).split("\n"))), field, MAX_LINE)


def summary(headers: Headers) -> str:
    """Summary: one line of at most 512 characters."""
    return _bounded(one(headers, "Summary"), "Summary", MAX_SUMMARY)


def description(headers: Headers, body: str) -> str:
    """The description: the body, or the Description header of old metadata without its indent; not both."""
    header = _single(headers, "Description")
    if header and body.strip():  # which one is it? readers differ
        raise invalid("Description", "must be either a header or the body, not both")
    if not header:
        return body
    first, _, rest = header.partition("\n")
    return first + "\n" + textwrap.dedent(re.sub(r"(?m)^ {7}\|", "", rest)) if rest else first


def content_type(headers: Headers) -> str:
    """Description-Content-Type: plain text, reStructuredText or Markdown, in UTF-8."""
    value = one(headers, "Description-Content-Type")
    if not value:
        return ""
    shape = _CONTENT_TYPE.fullmatch(value)
    if not shape:
        raise invalid("Description-Content-Type", "must be text/plain, text/x-rst or text/markdown")
    for parameter in shape[2].split(";")[1:]:
        name, _, chosen = parameter.strip().partition("=")
        if chosen.strip('"').lower() not in _PARAMETERS.get(name.lower(), (chosen.strip('"').lower(),)):
            raise invalid(
                "Description-Content-Type", "may have charset=UTF-8 and variant=GFM or CommonMark alone"
            )
    return value


def addresses(headers: Headers, field: str) -> str:
    """Author-email or Maintainer-email: one or more addresses, with or without names (RFC 5322 address-list)."""
    value = unfolded(headers, field)
    # Names in quotes and comments may hold commas and brackets; what they say does not matter.
    bare = _QUOTED_OR_COMMENT.sub("", value) if '"' in value or "(" in value else value
    for part in bare.split(",") if value else ():
        _, bracket, inside = part.rstrip().partition("<")
        address = inside[:-1] if bracket and inside.endswith(">") else part
        if not _ADDRESS.fullmatch(address.strip()):
            raise invalid(
                field, f"must hold email addresses, such as 'Alice <alice@example.org>', not {quoted(part)}"
            )
    return value


def license_expression(headers: Headers) -> str:
    """License-Expression in its canonical form (PEP 639)."""
    value = _bounded(one(headers, "License-Expression"), "License-Expression", MAX_EXPRESSION)
    if not value:
        return ""
    try:
        return canonicalize_license_expression(value)
    except (InvalidLicenseExpression, ValueError, RecursionError, MemoryError):
        raise invalid(
            "License-Expression",
            f"must be an SPDX license expression such as MIT or Apache-2.0, not {quoted(value)}",
        ) from None


def license_text(headers: Headers, expression: str) -> str:
    """License: free text, which PEP 639 does not allow beside License-Expression."""
    value = _bounded(_single(headers, "License"), "License", MAX_LICENSE)
    if value and expression:
        raise invalid("License", "must not stand beside License-Expression; leave it out")
    first, _, rest = value.partition("\n")
    return first + "\n" + textwrap.dedent(rest) if rest else first


def url(headers: Headers, field: str) -> str:
    """Home-page or Download-URL: an http or https address."""
    value = one(headers, field)
    if value and not is_web_address(value):
        raise invalid(field, "must be a URL that begins with http:// or https://")
    return value


def is_web_address(value: str) -> bool:
    """Whether ``value`` is an http or https URL that can be linked: no scripts, no user name, no strange letters (UP-30)."""
    return len(value) <= MAX_URL and _URL.fullmatch(value) is not None


def requires_python(headers: Headers) -> str:
    """Requires-Python: version specifiers (PEP 440)."""
    value = _bounded(one(headers, "Requires-Python"), "Requires-Python", MAX_SPECIFIERS)
    if not value:
        return ""
    try:
        SpecifierSet(value)
    except (InvalidSpecifier, ValueError):
        raise invalid(
            "Requires-Python", f"must be version specifiers such as '>=3.9', not {quoted(value)}"
        ) from None
    return value


def invalid(field: str, must: str) -> Exception:
    """The refusal of ``field`` (as it is spelled in METADATA); its form field is named by the refusal."""
    return refusal("metadata_invalid", f"{field} {must}.", field=form_field(field))


def form_field(field: str) -> str:
    """The upload form's name for a field of METADATA."""
    return _FORM_FIELDS.get(field, field.lower().replace("-", "_"))


_FORM_FIELDS: Final = {
    "Classifier": "classifiers",
    "License-File": "license_files",
    "Project-URL": "project_urls",
    "Import-Name": "import_names",
    "Import-Namespace": "import_namespaces",
}


def _single(headers: Headers, field: str) -> str:
    values = headers.get(field.lower())
    if values is None:
        return ""
    if len(values) > 1:  # the first counts for some readers, the last for others (UP-21)
        raise invalid(field, "must not stand there more than once")
    value = values[0].strip()
    return "" if value == "UNKNOWN" else value


def _bounded(value: str, field: str, limit: int) -> str:
    if len(value) > limit:
        raise invalid(field, f"must have at most {limit} characters")
    return value
