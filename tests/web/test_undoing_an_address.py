"""Taking a change of the primary address back by the link in the mail to the old one."""

from datetime import timedelta
from typing import Any

import pytest

from strongroom.accounts import emails
from strongroom.accounts.models import EmailAddress, User
from strongroom.kernel import clock
from tests.support.people import link_in, mails, person
from tests.web.browsing import browser_of, location_of, main_of, nobody, refused_in, text_of

pytestmark = pytest.mark.django_db
OLD, NEW = "alice@example.org", "new@example.org"
UNDO = "/account/undo-email-change/"


@pytest.fixture
def alice(db: None) -> User:
    alice = person()
    emails.claim(alice, NEW, NEW, primary=False, verified=clock.now())
    return alice


def row(address: str) -> EmailAddress:
    return EmailAddress.objects.get(address=address)


def changed(alice: User, mailoutbox: list[Any]) -> str:
    """Make the new address primary in a browser; returns the token of the link that the old one got."""
    browser_of(alice).post(f"/manage/account/email/{row(NEW).pk}/primary/")
    (body,) = [mail.body for mail in mails(mailoutbox) if mail.to == [OLD]]
    return link_in(body, UNDO)


def test_a_mail_scanner_takes_nothing_back_and_one_press_does(alice: User, mailoutbox: list[Any]) -> None:
    # EM-03, EM-04
    token = changed(alice, mailoutbox)
    scanner = nobody()
    for method in ("GET", "HEAD", "OPTIONS"):
        scanner.generic(method, f"{UNDO}?token={token}")
    assert row(NEW).primary
    page = main_of(scanner.get(UNDO, {"token": token}))
    assert (OLD in page, NEW in page, page.count("<button")) == (True, True, 1)
    answer = scanner.post(UNDO, {"token": token}, follow=True)
    assert f"{OLD} is your primary address again" in text_of(answer)
    assert row(OLD).primary


def test_all_sessions_end(alice: User, mailoutbox: list[Any]) -> None:
    token = changed(alice, mailoutbox)
    thief = browser_of(User.objects.get())
    nobody().post(UNDO, {"token": token})
    assert location_of(thief.get("/manage/account/")).startswith("/account/login/")


def test_a_recovery_is_begun_by_mail_to_the_old_address_alone(alice: User, mailoutbox: list[Any]) -> None:
    # EM-04
    changed(alice, mailoutbox)
    mailoutbox.clear()
    nobody().post("/account/recover/", {"login": "alice"})
    assert [mail.to for mail in mails(mailoutbox)] == [[OLD]]


def test_a_used_late_or_forged_link_is_refused(alice: User, mailoutbox: list[Any]) -> None:  # EM-01
    token = changed(alice, mailoutbox)
    with clock.shifted(timedelta(hours=72, seconds=5)):
        late = nobody().post(UNDO, {"token": token})
    assert (late.status_code, refused_in(late)) == (410, "link_invalid")
    assert row(NEW).primary
    nobody().post(UNDO, {"token": token})
    for again in (token, "", "x", "\0"):
        for answer in (nobody().get(UNDO, {"token": again}), nobody().post(UNDO, {"token": again})):
            assert (answer.status_code, refused_in(answer)) == (410, "link_invalid")


def test_somebody_else_learns_nothing_from_the_link(alice: User, mailoutbox: list[Any]) -> None:  # EM-02
    token = changed(alice, mailoutbox)
    mallory = browser_of(person("mallory"))
    for answer in (mallory.get(UNDO, {"token": token}), mallory.post(UNDO, {"token": token})):
        assert (answer.status_code, refused_in(answer)) == (403, "link_of_somebody_else")
        assert "alice" not in text_of(answer)
    assert row(NEW).primary


def test_the_page_of_the_link_keeps_it_to_itself(alice: User, mailoutbox: list[Any]) -> None:  # EM-17
    answer = nobody().get(UNDO, {"token": changed(alice, mailoutbox)})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "strict-origin"


def test_the_settings_say_so_and_offer_no_removal_until_then(alice: User, mailoutbox: list[Any]) -> None:
    # EM-04
    changed(alice, mailoutbox)
    browser = browser_of(User.objects.get())
    remove = f"/manage/account/email/{row(OLD).pk}/remove/"
    page = main_of(browser.get("/manage/account/"))
    assert "Was the primary address until lately" in page
    assert remove not in page
    answer = browser.post(remove)
    assert (answer.status_code, refused_in(answer)) == (409, "email_still_undoable")
    assert row(OLD).verified
    with clock.shifted(timedelta(hours=72, seconds=5)):
        assert remove in main_of(browser_of(User.objects.get()).get("/manage/account/"))
