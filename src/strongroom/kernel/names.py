"""Names of projects and people, and when two spellings are the same name."""

import re
import sys
from typing import NewType

from packaging.utils import canonicalize_name

from strongroom.kernel.refused import Refused

NormalizedName = NewType("NormalizedName", str)
"""A project name in the form of PEP 503: lower case, runs of ``-``, ``_`` and ``.`` as one ``-``."""

MAX_PROJECT_NAME = 100
MAX_USERNAME = 50

# Core metadata specification, "Name": ASCII letters and digits, ``.``, ``_``, ``-``, ends alphanumeric.
_PROJECT_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_USERNAME = _PROJECT_NAME


def normalize(name: str) -> NormalizedName:
    """The one spelling under which a project is looked up (PEP 503). ``name`` may be any text."""
    return NormalizedName(canonicalize_name(name))


def check_project_name(name: str) -> NormalizedName:
    """The normalized form of ``name``; raises ``Refused`` (``project_name_invalid``, ``project_name_stdlib``)."""
    if len(name) > MAX_PROJECT_NAME or not _PROJECT_NAME.fullmatch(name):
        raise Refused(
            "project_name_invalid",
            "A project name consists of ASCII letters, digits, '.', '_' and '-', begins and ends with a "
            f"letter or digit, and has at most {MAX_PROJECT_NAME} characters.",
            field="name",
        )
    normalized = normalize(name)
    if normalized.replace("-", "_") in _STDLIB:
        raise Refused(
            "project_name_stdlib",
            f"'{name[:MAX_PROJECT_NAME]}' is a module of Python's standard library. Choose another name.",
            field="name",
        )
    return normalized


def normalize_username(username: str) -> str:
    """The one spelling under which a user is looked up."""
    return username.casefold()


def is_username(username: str) -> bool:
    """Whether ``username`` has the shape of one: at most 50 ASCII letters, digits, ``.``, ``_`` and ``-``."""
    return len(username) <= MAX_USERNAME and bool(_USERNAME.fullmatch(username))


_STDLIB = frozenset(name.casefold() for name in sys.stdlib_module_names)
