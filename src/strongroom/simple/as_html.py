"""Pages as HTML (PEP 503, 592, 629, 658, 714, 740, 792). Every text is escaped: nothing in a row is trusted to be harmless."""

from html import escape

from strongroom.kernel.names import normalize
from strongroom.simple.address import from_project_page
from strongroom.simple.page import API_VERSION, FileEntry, ProjectList, ProjectPage


def project_page(page: ProjectPage) -> bytes:
    """``/simple/<name>/`` as HTML."""
    meta = f'\n    <meta name="pypi:project-status" content="{page.status.value}">'
    if page.status_reason:
        meta += f'\n    <meta name="pypi:project-status-reason" content="{escape(page.status_reason)}">'
    name = escape(page.name)
    lines = [f"<h1>Links for {name}</h1>", *map(_anchor, page.offered), f"<!--SERIAL {page.serial}-->"]
    return _document(f"Links for {name}", meta, lines)


def project_list(listed: ProjectList) -> bytes:
    """``/simple/`` as HTML."""
    lines = [
        *(f'<a href="{escape(normalize(name))}/">{escape(name)}</a><br>' for name, _ in listed.projects),
        f"<!--SERIAL {listed.serial}-->",
    ]
    return _document("Simple index", "", lines)


def _anchor(file: FileEntry) -> str:
    attributes = f'href="{escape(from_project_page(file.sha256, file.filename))}#sha256={file.sha256}"'
    if file.requires_python:
        attributes += f' data-requires-python="{escape(file.requires_python)}"'
    if file.metadata_sha256 is not None:
        digest = f"sha256={file.metadata_sha256}"
        attributes += f' data-dist-info-metadata="{digest}" data-core-metadata="{digest}"'
    if file.provenance is not None:
        attributes += f' data-provenance="{escape(file.provenance)}"'
    if file.yanked is not None:
        attributes += f' data-yanked="{escape(file.yanked)}"'
    return f"<a {attributes}>{escape(file.filename)}</a><br>"


def _document(title: str, meta: str, lines: list[str]) -> bytes:
    """PEP 503 asks for HTML 5; ``title`` and ``lines`` are escaped already."""
    body = "\n    ".join(lines)
    return f"""<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="pypi:repository-version" content="{API_VERSION}">{meta}
    <title>{title}</title>
  </head>
  <body>
    {body}
  </body>
</html>
""".encode()
