"""Where files lie below the root of the index, and links to them that depend on no host (IX-03)."""

from typing import Final
from urllib.parse import quote

METADATA: Final = ".metadata"
"""Appended to a file's address, it is the address of its METADATA (PEP 658)."""


def file_path(sha256: str, filename: str) -> str:
    """The path of a file from the root of the index, percent-encoded, without a leading slash."""
    return f"files/{sha256[:2]}/{sha256[2:4]}/{sha256[4:]}/{quote(filename, safe='')}"


def from_project_page(sha256: str, filename: str) -> str:
    """The path of a file as seen from ``/simple/<name>/``."""
    return f"../../{file_path(sha256, filename)}"
