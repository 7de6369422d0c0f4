"""A store for each test."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.publish.publishing import Press


@pytest.fixture
def press(tmp_path: Path) -> "Press":
    from tests.publish.publishing import Press  # knows models, which Django loads after this file

    return Press(tmp_path)
