"""The pages of a recovery: what each shows, what only a button does, and who may press it."""

from datetime import timedelta

import pytest
from django.test import Client

from strongroom.accounts import passwords
from strongroom.accounts.models import User
from strongroom.factors import methods
from strongroom.kernel import clock
from strongroom.recovery import begin, links, remind, stage
from strongroom.recovery.models import Recovery, Vouch
from strongroom.recovery.stage import Stage
from tests.recovery.recovering import (
    FINISH,
    NEW,
    REASON,
    START,
    STOP,
    WAIT,
    Cast,
    as_operator,
    begun_by_mail,
    cast,
    complete,
    mail_to,
    opened_by_phone,
    protected,
    untouched,
)
from tests.support.people import link_in, mails, visitor
from tests.web.browsing import (
    browser_of,
    holding,
    location_of,
    main_of,
    nobody,
    operator,
    refused_in,
    session_cookie,
    text_of,
)

pytestmark = pytest.mark.django_db
ASK = "/account/recover/"
RECOVERIES = "/operate/recoveries/"


@pytest.fixture
def everybody(mailoutbox: list) -> Cast:
    people = cast()
    mails(mailoutbox).clear()
    return people


@pytest.fixture
def olga(everybody: Cast) -> Client:
    return browser_of(everybody.olga)


def vouch_page(recovery: Recovery) -> str:
    return f"/manage/recovery/{recovery.pk}/vouch/"


def test_a_person_gets_back_in_page_by_page(everybody: Cast, mailoutbox: list) -> None:
    # PR-12
    client = nobody()
    assert "Recover your account" in main_of(client.get(ASK))
    assert "Look for our mail" in main_of(client.post(ASK, {"login": "alice"}))
    start = link_in(mails(mailoutbox)[-1].body, START)
    assert "72 hours" in main_of(client.get(START, {"token": start}))
    assert "first proof" in main_of(client.post(START, {"token": start}))
    bob = holding(opened_by_phone(everybody.bob))
    page = vouch_page(Recovery.objects.get())
    assert "in a voice that you know" in main_of(bob.get(page))
    assert location_of(bob.post(page)) == "/manage/account/"
    with clock.shifted(WAIT):
        remind.remind_due()
        token = mail_to(mailoutbox, "alice@example.org", FINISH)
        assert "alice" in main_of(client.get(FINISH, {"token": token}))
        wrong = client.post(FINISH, {"token": token, "password": NEW, "confirm": "other"})
        assert refused_in(wrong) == "passwords_differ"
        done = client.post(FINISH, {"token": token, "password": NEW, "confirm": NEW})
        assert (location_of(done), session_cookie(done)) == ("/account/login/", "")
    alice = User.objects.get(username="alice")
    assert passwords.is_right(alice, NEW)
    assert not methods.of(alice.pk).any
    assert location_of(client.get("/manage/account/")).startswith("/account/login/")


def test_asking_looks_the_same_for_everybody(everybody: Cast) -> None:
    answers = [
        nobody().post(ASK, {"login": login})
        for login in ("alice", "bob@example.org", "olga", "nobody", "nobody@example.org")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({main_of(answer) for answer in answers}) == 1


def test_looking_at_a_mailed_link_changes_nothing(everybody: Cast, mailoutbox: list) -> None:
    begin.request("alice", by=visitor())
    start = link_in(mails(mailoutbox)[-1].body, START)
    nobody().get(START, {"token": start})
    assert not Recovery.objects.exists()
    recovery = complete(mailoutbox, everybody)
    stopping = mail_to(mailoutbox, "bob@example.org", STOP)
    nobody().get(STOP, {"token": stopping})
    with clock.shifted(WAIT):
        remind.remind_due()
        nobody().get(FINISH, {"token": mail_to(mailoutbox, "alice@example.org", FINISH)})
    recovery.refresh_from_db()
    assert recovery.ended is None
    assert untouched(everybody.alice)


def test_one_press_stops_it_without_a_login(everybody: Cast, mailoutbox: list) -> None:
    recovery = complete(mailoutbox, everybody)
    token = mail_to(mailoutbox, "bob@example.org", STOP)
    page = nobody().get(STOP, {"token": token})
    assert "Stop the recovery of alice?" in main_of(page).replace('<span translate="no">', "").replace(
        "</span>", ""
    )
    assert "The recovery is stopped" in main_of(nobody().post(STOP, {"token": token}))
    recovery.refresh_from_db()
    assert stage.stage_of(recovery) is Stage.STOPPED
    for answer in (nobody().get(STOP, {"token": token}), nobody().post(STOP, {"token": token})):
        assert (answer.status_code, refused_in(answer)) == (410, "recovery_stopped")
    assert untouched(everybody.alice)


def test_the_link_in_the_pages_leaves_no_trace(everybody: Cast, mailoutbox: list) -> None:
    complete(mailoutbox, everybody)
    token = mail_to(mailoutbox, "alice@example.org", STOP)
    answer = nobody().get(STOP, {"token": token})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "strict-origin"


def test_every_live_session_of_the_person_shows_a_banner_with_a_button_that_stops_it(
    everybody: Cast, mailoutbox: list
) -> None:
    alice = holding(opened_by_phone(everybody.alice))
    assert "/stop/" not in text_of(alice.get("/manage/account/"))
    recovery = begun_by_mail(mailoutbox)
    stop = f"/manage/recovery/{recovery.pk}/stop/"
    for page in ("/manage/account/", "/manage/projects/"):
        assert stop in text_of(alice.get(page))
    bob = holding(opened_by_phone(everybody.bob))
    assert stop not in text_of(bob.get("/manage/account/"))
    refused = bob.post(stop)
    assert (refused.status_code, refused_in(refused)) == (404, "recovery_unknown")
    assert alice.get(stop).status_code == 405
    assert location_of(alice.post(stop)) == "/manage/account/#two-factor"
    recovery.refresh_from_db()
    assert recovery.outcome == "stopped"
    assert stop not in text_of(alice.get("/manage/account/"))
    told = next(mail for mail in reversed(mails(mailoutbox)) if mail.to == ["alice@example.org"])
    assert "was stopped by you" in told.body
    assert "talk to" not in told.body


def test_signing_in_with_a_factor_stops_nothing_by_itself(everybody: Cast, mailoutbox: list) -> None:
    recovery = complete(mailoutbox, everybody)
    alice = holding(opened_by_phone(everybody.alice))
    assert "wants to recover your account" in text_of(alice.get("/manage/account/"))
    recovery.refresh_from_db()
    assert stage.stage_of(recovery) is Stage.WAITING


def test_the_link_of_a_person_who_begins_again_shows_how_far_it_is(everybody: Cast, mailoutbox: list) -> None:
    complete(mailoutbox, everybody)
    begin.request("alice", by=visitor())
    token = link_in(mails(mailoutbox)[-1].body, START)
    page = main_of(nobody().get(START, {"token": token}))
    assert "waits until" in page
    assert '<span class="ago">in ' in page
    assert "<button" not in page
    answer = nobody().post(START, {"token": token})
    assert (answer.status_code, refused_in(answer)) == (409, "recovery_waiting")
    with clock.shifted(WAIT):
        begin.request("alice", by=visitor())
        token = link_in(mails(mailoutbox)[-1].body, START)
        assert "Mail the last link again" in main_of(nobody().get(START, {"token": token}))
        assert "The last link is mailed" in main_of(nobody().post(START, {"token": token}))
        assert mail_to(mailoutbox, "alice@example.org", FINISH)


def test_a_finish_page_before_its_time_says_so(everybody: Cast, mailoutbox: list) -> None:
    recovery = complete(mailoutbox, everybody)
    token = links.to_finish(recovery).partition("token=")[2]
    form = {"token": token, "password": NEW, "confirm": NEW}
    for answer in (nobody().get(FINISH, {"token": token}), nobody().post(FINISH, form)):
        assert (answer.status_code, refused_in(answer)) == (409, "recovery_waiting")
    assert untouched(everybody.alice)


def test_a_stranger_finds_no_page_to_vouch(everybody: Cast, mailoutbox: list) -> None:
    recovery = begun_by_mail(mailoutbox)
    mallory = holding(opened_by_phone(protected("mallory")))
    for answer in (mallory.get(vouch_page(recovery)), mallory.post(vouch_page(recovery))):
        assert (answer.status_code, refused_in(answer)) == (404, "recovery_unknown")
        assert "alice" not in main_of(answer)
    assert not Vouch.objects.exists()


def test_an_old_proof_vouches_for_nobody(everybody: Cast, mailoutbox: list) -> None:
    recovery = begun_by_mail(mailoutbox)
    bob = holding(opened_by_phone(everybody.bob))
    with clock.shifted(timedelta(minutes=11)):
        assert location_of(bob.post(vouch_page(recovery))).startswith("/account/reauthenticate/")
    assert not Vouch.objects.exists()


def test_an_operator_begins_and_another_proof_is_still_needed(
    everybody: Cast, olga: Client, mailoutbox: list
) -> None:
    # AD-05, PR-11
    assert "None." in main_of(olga.get(RECOVERIES))
    form = {"username": "alice", "reason": REASON, "address": "new@example.org"}
    assert location_of(olga.post(RECOVERIES, form)) == RECOVERIES
    page = main_of(olga.get(RECOVERIES))
    assert all(text in page for text in (REASON, "new@example.org", "needs another proof", "Approved by"))
    assert "password" not in page.lower()
    assert Recovery.objects.get().complete is None
    assert untouched(everybody.alice)


def test_an_operator_approves_what_a_person_began_and_gives_a_reason(
    everybody: Cast, olga: Client, mailoutbox: list
) -> None:
    recovery = begun_by_mail(mailoutbox)
    path = f"{RECOVERIES}{recovery.pk}/approve/"
    assert path in main_of(olga.get(RECOVERIES))
    answer = olga.post(path, {"reason": ""})
    assert (answer.status_code, refused_in(answer)) == (422, "required")
    recovery.refresh_from_db()
    assert recovery.approved is None
    assert location_of(olga.post(path, {"reason": REASON})) == RECOVERIES
    recovery.refresh_from_db()
    assert (recovery.approved_by, stage.stage_of(recovery)) == ("olga", Stage.WAITING)
    again = olga.post(path, {"reason": REASON})
    assert (again.status_code, refused_in(again)) == (409, "recovery_waiting")


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"username": "nobody", "reason": REASON}, 422, "user_unknown"),
        ({"username": "olga", "reason": REASON}, 403, "recovery_of_yourself"),
        ({"username": "alice", "reason": " "}, 422, "required"),
        ({"username": "alice", "reason": REASON, "address": "nowhere"}, 422, "email_invalid"),
    ],
)
def test_an_operators_mistake_begins_nothing(
    form: dict[str, str], status: int, code: str, everybody: Cast, olga: Client
) -> None:
    answer = olga.post(RECOVERIES, form)
    assert (answer.status_code, refused_in(answer)) == (status, code)
    assert not Recovery.objects.exists()
    assert untouched(everybody.alice)


def test_an_operator_stops_any(everybody: Cast, olga: Client, mailoutbox: list) -> None:
    recovery = complete(mailoutbox, everybody)
    assert location_of(olga.post(f"{RECOVERIES}{recovery.pk}/stop/")) == RECOVERIES
    recovery.refresh_from_db()
    assert recovery.outcome == "stopped"


def test_an_operator_finds_no_form_to_approve_their_own(mailoutbox: list) -> None:
    with clock.shifted(timedelta(days=-1)):
        oscar = protected("oscar")
    begin.begin_for(oscar, reason=REASON, address="", by=as_operator(operator("olga")))
    recovery = Recovery.objects.get()
    Recovery.objects.filter(pk=recovery.pk).update(approved=None, approved_by="", approved_by_id=None)
    User.objects.filter(pk=oscar.pk).update(is_operator=True)
    client = holding(opened_by_phone(oscar))
    assert "/approve/" not in main_of(client.get(RECOVERIES))
    answer = client.post(f"{RECOVERIES}{recovery.pk}/approve/", {"reason": REASON})
    assert (answer.status_code, refused_in(answer)) == (403, "recovery_of_yourself")


def test_the_help_says_how_it_goes_and_the_second_factor_page_leads_there() -> None:
    page = main_of(nobody().get("/help/"))
    assert 'id="lost-every-factor"' in page
    assert "72 hours" in page
    assert f'href="{ASK}"' in page
