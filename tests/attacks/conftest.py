"""One running server for all tests of this folder: it takes seconds to start, and none of them harms it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from tests.attacks.target import Target


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Target]":
    from tests.attacks.target import running_target

    with running_target(tmp_path_factory.mktemp("target")) as running:
        yield running
