"""Pages as HTML, read back with the standard library's parser as installers do."""

from html.parser import HTMLParser

import pytest

from strongroom.simple import as_html
from strongroom.simple.page import ProjectList, ProjectStatus
from tests.simple.pages import METADATA_SHA256, SHA256, URL, entry, page

NASTY = """<script>"&'</a>-->"""


class Reader(HTMLParser):
    """The anchors with their attributes and texts, the meta elements, and every element's name."""

    def __init__(self, document: bytes) -> None:
        super().__init__()
        self.anchors: list[tuple[dict[str, str | None], str]] = []
        self.meta: dict[str | None, str | None] = {}
        self.elements: set[str] = set()
        self.comments: list[str] = []
        self.feed(document.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        found = dict(attrs)
        if tag == "a":
            self.anchors.append((found, ""))
        if tag == "meta" and "name" in found:
            self.meta[found["name"]] = found.get("content")

    def handle_data(self, data: str) -> None:
        if self.anchors and self.lasttag == "a" and not self.anchors[-1][1]:
            self.anchors[-1] = (self.anchors[-1][0], data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def test_a_plain_file_is_a_relative_link_with_its_digest() -> None:
    document = as_html.project_page(page(entry()))
    assert document.startswith(b"<!DOCTYPE html>")
    read = Reader(document)
    link = {"href": f"{URL}/demo-1.0-py3-none-any.whl#sha256={SHA256}"}
    assert read.anchors == [(link, "demo-1.0-py3-none-any.whl")]
    assert read.meta == {"pypi:repository-version": "1.4", "pypi:project-status": "active"}
    assert read.comments == ["SERIAL 7"]


def test_everything_that_is_known_of_a_file_is_an_attribute() -> None:
    file = entry(requires_python=">=3.8,<4", metadata_sha256=METADATA_SHA256, yanked="broken")
    ((attributes, _),) = Reader(as_html.project_page(page(file))).anchors
    del attributes["href"]
    assert attributes == {
        "data-requires-python": ">=3.8,<4",
        "data-dist-info-metadata": f"sha256={METADATA_SHA256}",
        "data-core-metadata": f"sha256={METADATA_SHA256}",
        "data-yanked": "broken",
    }


def test_a_file_yanked_without_a_reason_says_so() -> None:
    ((attributes, _),) = Reader(as_html.project_page(page(entry(yanked="")))).anchors
    assert attributes["data-yanked"] == ""


def test_comparison_signs_are_escaped_in_the_source() -> None:
    assert b'data-requires-python="&gt;=3.8,&lt;4"' in as_html.project_page(
        page(entry(requires_python=">=3.8,<4"))
    )


# IX-10
def test_nothing_in_a_row_becomes_an_element_or_leaves_its_attribute() -> None:
    file = entry(NASTY, requires_python=NASTY, yanked=NASTY)
    read = Reader(as_html.project_page(page(file, status=ProjectStatus.DEPRECATED, status_reason=NASTY)))
    ((attributes, text),) = read.anchors
    assert text == NASTY
    assert attributes["data-requires-python"] == attributes["data-yanked"] == NASTY
    assert attributes["href"] == f"{URL}/%3Cscript%3E%22%26%27%3C%2Fa%3E--%3E#sha256={SHA256}"
    assert read.meta["pypi:project-status-reason"] == NASTY
    assert "script" not in read.elements
    assert read.comments == ["SERIAL 7"]


# IX-17
def test_a_quarantined_project_offers_no_file_and_says_why() -> None:
    read = Reader(
        as_html.project_page(
            page(entry(), status=ProjectStatus.QUARANTINED, status_reason="under investigation")
        )
    )
    assert read.anchors == []
    assert read.meta["pypi:project-status"] == "quarantined"
    assert read.meta["pypi:project-status-reason"] == "under investigation"


# IX-18
@pytest.mark.parametrize("status", [ProjectStatus.ARCHIVED, ProjectStatus.DEPRECATED])
def test_an_archived_or_deprecated_project_still_offers_its_files(status: ProjectStatus) -> None:
    read = Reader(as_html.project_page(page(entry(), status=status)))
    assert len(read.anchors) == 1
    assert read.meta["pypi:project-status"] == status.value


def test_the_list_links_to_normalized_names_below_itself() -> None:
    listed = ProjectList(serial=9, projects=(("Zope.Interface", 3), (NASTY, 4)))
    read = Reader(as_html.project_list(listed))
    assert read.anchors[0] == ({"href": "zope-interface/"}, "Zope.Interface")
    assert read.anchors[1][1] == NASTY
    assert "script" not in read.elements
    assert read.meta == {"pypi:repository-version": "1.4"}
