"""Every test of webhooks may send to this machine, unless it says otherwise.

Django is imported inside: this module is read before the settings are.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from strongroom.accounts.models import User
    from tests.webhooks.receiving import Receiver


@pytest.fixture(autouse=True)
def _allowed() -> Iterator[None]:
    from tests.support.configuration import configured
    from tests.webhooks.receiving import ALLOWED

    with configured("audit", webhook_networks=ALLOWED):
        yield


@pytest.fixture
def post() -> "Iterator[Receiver]":
    from tests.webhooks.receiving import receiver

    with receiver() as running:
        yield running


@pytest.fixture
def alice(transactional_db: None) -> "User":
    """Owns the project ``strongbox``."""
    from tests.support.people import person
    from tests.webhooks.receiving import project_of

    user = person("alice")
    project_of(user)
    return user
