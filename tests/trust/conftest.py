"""An issuer on this machine, with one key, while the clock stands still."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.trust.serving import Known, Site


@pytest.fixture
def there() -> Iterator["Site"]:
    from strongroom.kernel import clock
    from tests.trust.serving import (
        publish,
        site,
    )  # reads models, which needs the settings that come after this file
    from tests.trust.signing import rsa_pen

    with site() as running, clock.frozen(clock.now()):
        publish(running, rsa_pen())
        yield running


@pytest.fixture
def known(there: "Site") -> "Known":
    from tests.trust.serving import Known

    return Known(there.origin)
