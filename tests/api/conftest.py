"""An endpoint, or all of the JSON API, for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.api.asking import Endpoint
    from tests.api.calling import Api


@pytest.fixture
def endpoint(tmp_path: Path) -> "Iterator[Endpoint]":
    from tests.api.asking import Endpoint  # knows models, which Django loads after this file

    made = Endpoint(tmp_path)
    yield made
    made.close()


@pytest.fixture
def api() -> "Iterator[Api]":
    from tests.api.calling import Api  # knows models, as above

    made = Api()
    yield made
    made.close()
