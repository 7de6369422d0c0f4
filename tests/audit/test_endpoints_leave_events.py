"""For every endpoint for programs that changes something: exactly the expected events, with the expected fields."""

from collections.abc import Mapping

import pytest

from strongroom.api.table import table
from strongroom.api.upload import PATH as UPLOAD
from tests.audit import acts_of_programs
from tests.audit.acts import CASES, left_by
from tests.audit.spilled import spilled

pytestmark = pytest.mark.django_db(transaction=True)

PROGRAMS = sorted(route for route in CASES if " " in route)
assert acts_of_programs

ELSEWHERE: Mapping[str, str] = {
    "POST /_/oidc/github/mint-token": "the endpoint of /_/oidc/mint-token under another path",
    "POST /_/secrets/disclose-token": "tests/api/test_leak_reports.py: it takes a scanner with its keys",
    "POST /_/device/code": "makes a code that is good for nothing until somebody approves it, which is recorded",
}


# AU-03, AU-10
@pytest.mark.parametrize("route", PROGRAMS)
def test_a_request_leaves_exactly_these_events_and_no_secret(route: str, mailoutbox: list) -> None:
    found, expected = left_by(CASES[route], mailoutbox)
    assert found == expected
    assert spilled(mailoutbox) == []


# AU-03
def test_every_endpoint_that_changes_something_has_a_case() -> None:
    changing = {f"POST {UPLOAD}"} | {
        f"{method} {path}"
        for path, methods in table(heard=lambda _serial: None).items()
        for method in methods
        if method not in {"GET", "HEAD"}
    }
    assert changing - set(PROGRAMS) - ELSEWHERE.keys() == set()
    assert (set(PROGRAMS) | ELSEWHERE.keys()) - changing == set()
