"""A site of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.index.app import Index
from tests.index.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = Site(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def index(site: Site) -> Index:
    return site.index()
