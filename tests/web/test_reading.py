"""Who reads a private site with a browser: whoever may see its pages, and nobody else."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.models import QuerySet

from strongroom.accounts import epoch, standing
from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, Origin
from strongroom.signin import session
from strongroom.signin.models import Session
from strongroom.signin.session import Opened
from strongroom.web.reading import Gate, SignedInReader
from tests.support.configuration import configured
from tests.support.people import as_user, person, refusal_of, signed_in
from tests.web.browsing import browser_of, holding, location_of, text_of
from tests.web.content import publish
from tests.web.token_form import TOKEN, form

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = Origin(address="203.0.113.7", client="Firefox/144.0")


@pytest.fixture(autouse=True)
def private() -> Iterator[None]:
    with configured("site", access="private"):
        yield
    connections.close_all()


def read(secret: str, *, authorization: str = "") -> object:
    return Gate().reader(authorization, session=secret, origin=ORIGIN)


def refused(secret: str) -> str:
    return refusal_of(partial(read, secret))


def test_whoever_is_signed_in_reads_every_project() -> None:
    reader = read(signed_in(person()).secret)
    assert isinstance(reader, SignedInReader)
    assert reader.reads_everything
    reader.require("anything")


def _ended(opened: Opened) -> None:
    session.end(opened.session.user, opened.session.pk, by=as_user(opened.session.user))


def _disabled(opened: Opened) -> None:
    standing.disable(opened.session.user, by=Actor.console())


def _of_another_epoch(opened: Opened) -> None:
    epoch.bump(opened.session.user_id)


def _idle(opened: Opened) -> None:
    Session.objects.filter(pk=opened.session.pk).update(last_seen=clock.now() - timedelta(hours=1))


def _old(opened: Opened) -> None:
    Session.objects.filter(pk=opened.session.pk).update(created=clock.now() - timedelta(hours=13))


def _due(opened: Opened) -> None:
    User.objects.filter(pk=opened.session.user_id).update(must_enroll=True)


@pytest.mark.parametrize(
    ("change", "reason", "page"),
    [
        (_ended, "credentials_missing", "/account/login/?next=%2F"),
        (_disabled, "credentials_missing", "/account/login/?next=%2F"),
        (_of_another_epoch, "credentials_missing", "/account/login/?next=%2F"),
        (_idle, "credentials_missing", "/account/login/?next=%2F"),
        (_old, "credentials_missing", "/account/login/?next=%2F"),
        (_due, "two_factor_required", "/manage/account/#two-factor"),
    ],
)
def test_who_may_not_see_pages_may_not_read_files(
    change: Callable[[Opened], None], reason: str, page: str
) -> None:
    # SS-02, SS-03, SS-04, SS-09, SS-10, LT-29
    opened = signed_in(person())
    assert (holding(opened).get("/").status_code, isinstance(read(opened.secret), SignedInReader)) == (
        200,
        True,
    )
    change(opened)
    assert refused(opened.secret) == reason
    assert location_of(holding(opened).get("/")) == page


def test_whoever_owes_the_site_a_second_factor_reads_nothing_yet() -> None:
    # LT-29
    opened = signed_in(person())
    with configured("sign_in", two_factor="everyone"):
        assert refused(opened.secret) == "two_factor_required"


def test_what_is_no_session_reads_nothing() -> None:
    # SS-05
    opened = signed_in(person())
    for secret in ("", "x", opened.session.digest, f"{opened.secret} ", "\u00ff" * 70_000):
        assert refused(secret) == "credentials_missing"


def test_an_authorization_header_is_judged_alone() -> None:
    # SS-13
    opened = signed_in(person())
    assert refusal_of(partial(read, opened.secret, authorization="Bearer wrong")) == "token_invalid"


def test_the_cookie_is_read_as_the_pages_read_it() -> None:
    # SS-12
    name = settings.SESSION_COOKIE
    gate = Gate()
    assert gate.session_in(f"a=b; {name}=first; {name}=last") == "last"
    assert gate.session_in(f'{name}="quoted"') == "quoted"
    assert [gate.session_in(cookies) for cookies in ("", f"x{name}=a", f"{name}", f"{name.upper()}=a")] == [
        ""
    ] * 4


def test_reading_keeps_a_session_awake() -> None:
    opened = signed_in(person())
    with clock.shifted(timedelta(minutes=20)):
        read(opened.secret)
    with clock.shifted(timedelta(minutes=45)):
        assert isinstance(read(opened.secret), SignedInReader)


def test_reads_go_on_where_the_use_of_a_session_cannot_be_noted() -> None:
    """Design, D15: such as on a full disk."""
    opened = signed_in(person())
    with (
        clock.shifted(timedelta(minutes=20)),
        patch.object(QuerySet, "update", side_effect=DatabaseError("disk full")) as update,
    ):
        assert isinstance(read(opened.secret), SignedInReader)
        assert holding(opened).get("/").status_code == 200
    assert update.call_count == 2


def test_a_database_that_cannot_be_asked_lets_nobody_in() -> None:
    opened = signed_in(person())
    with (
        patch.object(QuerySet, "first", side_effect=DatabaseError("gone")),
        pytest.raises(DatabaseError),
    ):
        read(opened.secret)


def test_a_token_to_read_with_names_projects_of_others_by_their_names() -> None:
    # TK-06
    publish(person("alice"))
    publish(person("mallory"), "others")
    browser = browser_of(person("bob"))
    assert "whosever the projects are" in text_of(browser.get(TOKEN))
    page = text_of(browser.post(TOKEN, form(scope="some", patterns="strong-box", actions=["read"])))
    token = page.split('id="token">')[1].split("<")[0]
    reader = Gate().reader(f"Bearer {token}", session="", origin=ORIGIN)
    assert not reader.reads_everything
    reader.require("strong-box")
    assert refusal_of(lambda: reader.require("others")) == "token_scope"
    with configured("site", access="public"):
        assert "whosever the projects are" not in text_of(browser.get(TOKEN))
