"""Recovery codes at sign-in, at a password reset, and what somebody who used one may do."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.audit.models import Entry
from strongroom.factors import methods, recovery_codes
from strongroom.factors.methods import KEY, RECOVERY, TOTP
from strongroom.factors.models import RecoveryCode, SecurityKey, Totp
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.kernel.sections import Switch
from strongroom.signin import browsers, credentials, factors, session, steps, stepup
from strongroom.signin.confirmations import Waiting
from strongroom.signin.models import Browser, Session, Ticket
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from tests.signin.entering import (
    answered,
    author,
    by_code,
    by_key,
    done_by,
    entry,
    has_phone_and_codes,
    refused_to_a_stranger,
    ticket_of,
    tried,
    whose,
)
from tests.support.authenticator import Authenticator
from tests.support.configuration import configured
from tests.support.people import (
    PASSWORD,
    Phone,
    again,
    at_once,
    link_in,
    mails,
    person,
    refusal_of,
    signed_in,
    visitor,
    with_codes,
    with_key,
    with_phone,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24)


@pytest.fixture
def held(db: None) -> tuple[Phone, list[Secret]]:
    """Alice's phone, and her eight recovery codes."""
    return has_phone_and_codes()


@pytest.fixture
def codes(held: tuple[Phone, list[Secret]]) -> list[Secret]:
    """Alice's recovery codes."""
    return held[1]


def left() -> int:
    return RecoveryCode.objects.filter(used=None).count()


def remove_app(opened: Opened) -> Opened:
    row = again(opened)
    actor = author(opened)
    return factors.remove_totp(row, Totp.objects.get().pk, keep_one=False, by=actor)


def test_password_and_code_open_one_session_that_is_recorded_and_mailed(
    codes: list[Secret], mailoutbox: list[Any]
) -> None:  # RC-12
    mails(mailoutbox).clear()
    opened = by_code(codes[2])
    found = session.find(opened.secret)
    assert found is not None
    assert (found.method, found.proof, found.proof_since) == ("password+recovery", "recovery", None)
    event = Entry.objects.filter(tag="session.sign_in").latest("serial")
    assert (event.subject_id, event.details) == (found.user_id, {"method": "password+recovery"})
    assert whose(event) == done_by(opened)
    used = entry("factor.code_used")
    assert (used.subject_id, used.details, used.outcome) == (found.user_id, {"left": 7}, "done")
    told = [mail for mail in mails(mailoutbox) if "recovery code" in mail.subject]
    assert [mail.to for mail in told] == [["alice@example.org"]]
    assert "7 codes are left" in told[0].body
    assert "203.0.113.7" in told[0].body


def test_a_code_opens_one_session_only(codes: list[Secret]) -> None:  # RC-01
    by_code(codes[0])
    ticket = ticket_of()
    for spelling in (codes[0], codes[0].lower(), codes[0].replace("-", "")):  # RC-10
        assert refusal_of(tried(ticket, Answer(RECOVERY, spelling))) == "recovery_used"
    assert (Session.objects.count(), left()) == (1, 7)
    last = Entry.objects.latest("serial")
    assert whose(last) == refused_to_a_stranger("recovery_used")


def test_a_wrong_code_leaves_everything_as_it_was(codes: list[Secret], mailoutbox: list[Any]) -> None:
    mails(mailoutbox).clear()
    ticket = ticket_of()
    assert refusal_of(tried(ticket, Answer(RECOVERY, "0000-0000-0000-0000"))) == "recovery_wrong"
    assert refusal_of(tried(ticket, Answer(RECOVERY, "123456"))) == "recovery_malformed"
    assert (Session.objects.count(), left(), mails(mailoutbox)) == (0, 8, [])
    assert isinstance(answered(ticket, Answer(RECOVERY, codes[0])), Opened)


def test_a_code_of_alice_does_not_serve_bob(codes: list[Secret]) -> None:  # RC-09
    has_phone_and_codes("bob")
    assert refusal_of(tried(ticket_of("bob"), Answer(RECOVERY, codes[0]))) == "recovery_wrong"
    assert not RecoveryCode.objects.exclude(used=None).exists()
    assert not Session.objects.exists()


def test_every_use_is_mailed_and_the_last_ones_ask_for_new_ones(
    codes: list[Secret], mailoutbox: list[Any]
) -> None:  # RC-12
    mails(mailoutbox).clear()
    for code in codes:
        by_code(code)
    told = [mail.body for mail in mails(mailoutbox) if "recovery code" in mail.subject]
    assert len(told) == 8
    assert ["Make new ones" in body for body in told] == [False] * 5 + [True] * 3
    used = Entry.objects.filter(tag="factor.code_used").order_by("serial")
    assert [event.details["left"] for event in used] == [7, 6, 5, 4, 3, 2, 1, 0]


def test_guessing_codes_locks_codes_tells_the_owner_once_and_leaves_the_app_alone(
    held: tuple[Phone, list[Secret]], mailoutbox: list[Any]
) -> None:  # RC-08, LT-13
    phone, codes = held
    ticket = ticket_of()
    mails(mailoutbox).clear()
    for guess in range(10):
        answer = Answer(RECOVERY, f"0000-0000-0000-000{guess}")
        assert refusal_of(tried(ticket, answer)) == "recovery_wrong"
    for _ in range(3):
        assert refusal_of(tried(ticket, Answer(RECOVERY, codes[0]))) == "too_many_attempts"
    subjects = [mail.subject.split()[0] for mail in mails(mailoutbox)]
    assert subjects == ["Somebody", "Many"]  # tries codes; is locked out
    assert entry("factor.locked").subject_id is not None
    assert (Session.objects.count(), left()) == (0, 8)
    assert isinstance(answered(ticket, Answer(TOTP, phone.code())), Opened)


def test_who_guesses_at_the_app_locks_the_owner_out_of_nothing_else() -> None:  # LT-13
    device = Authenticator()
    with clock.shifted(timedelta(minutes=-5)):
        opened, phone = with_phone(signed_in(person()))
        codes = with_codes(with_key(opened, device))
    Session.objects.all().delete()
    ticket = ticket_of()
    wrong = f"{(int(phone.code()) + 1) % 10**6:06}"
    for _ in range(11):
        refusal_of(tried(ticket, Answer(TOTP, wrong)))
    assert refusal_of(tried(ticket, Answer(TOTP, phone.code()))) == "too_many_attempts"
    assert isinstance(answered(ticket, Answer(RECOVERY, codes[0])), Opened)
    assert isinstance(by_key(device), Opened)


def test_a_hundred_guesses_in_a_row_are_all_there_are_whatever_the_app_says_in_between(
    held: tuple[Phone, list[Secret]],
) -> None:  # RC-08, RL-02
    phone, codes = held
    evaluated = []
    for turn in range(15):
        with clock.shifted(timedelta(hours=5) * turn):
            ticket = ticket_of()
            for guess in range(11):
                answer = Answer(RECOVERY, f"0000-0000-0000-00{guess:02}")
                by = visitor(f"198.51.{turn}.{guess}")
                evaluated.append(refusal_of(tried(ticket, answer, by=by)) == "recovery_wrong")
            answered(ticket, Answer(TOTP, phone.code()))
    assert sum(evaluated) == 100
    with clock.shifted(timedelta(days=30)):
        assert refusal_of(tried(ticket_of(), Answer(RECOVERY, codes[0]))) == "too_many_attempts"


def test_a_right_code_begins_the_count_of_codes_anew(codes: list[Secret]) -> None:  # RL-02
    evaluated = 0
    for turn in range(12):
        with clock.shifted(timedelta(hours=5) * turn):
            ticket = ticket_of()
            for guess in range(9):
                code = refusal_of(tried(ticket, Answer(RECOVERY, f"0000-0000-0000-000{guess}")))
                evaluated += code == "recovery_wrong"
            if turn % 6 == 5:
                answered(ticket, Answer(RECOVERY, codes[turn // 6]))
    assert evaluated == 12 * 9


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_ten_are_looked_at() -> None:  # RL-01
    has_phone_and_codes()
    ticket = ticket_of()
    calls = [tried(ticket, Answer(RECOVERY, f"0000-0000-0000-00{guess:02}")) for guess in range(50)]
    refusals = [result.code for result in at_once(calls) if isinstance(result, Refused)]
    assert refusals.count("recovery_wrong") == 10
    assert refusals.count("too_many_attempts") == 40


@pytest.mark.django_db(transaction=True)
def test_of_thirty_two_sign_ins_with_one_code_one_succeeds() -> None:  # RC-02
    _phone, codes = has_phone_and_codes()
    tickets = [ticket_of() for _ in range(32)]
    results = at_once([tried(ticket, Answer(RECOVERY, codes[0])) for ticket in tickets])
    assert sum(isinstance(result, Opened) for result in results) == 1
    refusals = {result.code for result in results if isinstance(result, Refused)}
    assert refusals <= {"recovery_used", "too_many_attempts"}
    assert (Session.objects.count(), left()) == (1, 7)
    assert Entry.objects.filter(tag="factor.code_used").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sign_ins_with_two_codes_at_once_use_both_up() -> None:  # RC-03
    _phone, codes = has_phone_and_codes()
    calls = [tried(ticket_of(), Answer(RECOVERY, code)) for code in codes[:2]]
    assert all(isinstance(result, Opened) for result in at_once(calls))
    assert (Session.objects.count(), left()) == (2, 6)


@pytest.mark.django_db(transaction=True)
def test_codes_made_twice_at_once_leave_one_set_of_eight() -> None:  # RC-04
    opened = with_key(signed_in(person()), Authenticator())
    sets = at_once([partial(factors.make_codes, opened.session, by=author(opened))] * 6)
    assert left() == 8
    good = [codes for codes in sets if is_of_the_present_set(opened.session.user_id, codes)]
    assert len(good) == 1


def is_of_the_present_set(user_id: int, codes: Any) -> bool:
    """Whether the first of ``codes`` is good; that does not use it up."""
    digests = RecoveryCode.objects.filter(user_id=user_id, used=None).values_list("digest", flat=True)
    before = set(digests)
    try:
        recovery_codes.acknowledge(user_id, codes[0], by=visitor())
    except Refused:
        return False
    return before == set(digests)


def test_making_codes_is_recorded_and_mailed_and_ends_no_session(mailoutbox: list[Any]) -> None:
    opened = with_key(signed_in(person()), Authenticator())
    mails(mailoutbox).clear()
    codes = factors.make_codes(opened.session, by=author(opened))
    event = entry("factor.codes_made")
    assert (event.subject_id, event.details) == (opened.session.user_id, {"count": 8})
    assert whose(event) == done_by(opened)
    assert [mail.to for mail in mails(mailoutbox)] == [["alice@example.org"]]
    assert not any(code in mailoutbox[0].body for code in codes)
    factors.acknowledge_codes(opened.session, codes[0], by=author(opened))
    assert whose(entry("factor.codes_acknowledged")) == done_by(opened)
    assert session.find(opened.secret) is not None


def test_making_codes_takes_a_fresh_proof_of_the_strongest_factor_and_a_factor(
    mailoutbox: list[Any],
) -> None:  # RC-11, SU-01
    opened = signed_in(person())
    make = partial(factors.make_codes, by=author(opened))
    assert refusal_of(lambda: make(opened.session)) == "factor_missing"
    opened = with_key(opened, Authenticator())
    codes = with_codes(opened)
    mails(mailoutbox).clear()
    with clock.shifted(timedelta(minutes=10, seconds=1)):
        assert refusal_of(lambda: make(opened.session)) == "proof_needed"
        acknowledge = partial(factors.acknowledge_codes, opened.session, codes[0], by=author(opened))
        assert refusal_of(acknowledge) == "proof_needed"
    opened.session.proof = TOTP
    assert refusal_of(lambda: make(opened.session)) == "proof_needed"
    assert recovery_codes.state(opened.session.user_id).left == 8
    assert isinstance(by_code(codes[0]), Opened)
    assert Entry.objects.filter(tag="factor.codes_made").count() == 1


def test_codes_are_made_twenty_times_an_hour_at_most() -> None:
    opened = with_key(signed_in(person()), Authenticator())
    for _ in range(20):
        codes = factors.make_codes(opened.session, by=author(opened))
    call = partial(factors.make_codes, opened.session, by=author(opened))
    assert refusal_of(call) == "too_many_attempts"
    factors.acknowledge_codes(opened.session, codes[0], by=author(opened))


def test_after_a_code_one_may_go_on_but_not_remove_or_move_anything(codes: list[Secret]) -> None:  # RC-13
    opened = by_code(codes[0])
    assert (stepup.is_fresh(opened.session), stepup.is_recovered(opened.session)) == (False, True)
    assert refusal_of(lambda: remove_app(opened)) == "proof_needed"
    email = opened.session.user.addresses.get().pk
    for move in (credentials.make_primary_email, credentials.remove_email):
        assert refusal_of(partial(move, opened.session, email, by=author(opened))) == "proof_needed"
    assert Totp.objects.exists()
    renewed = credentials.change_password(
        opened.session, current=PASSWORD, new="walnut teapot gravel monsoon", by=author(opened)
    )
    assert with_codes(with_key(renewed, Authenticator()))


def test_a_factor_that_came_after_the_code_removes_no_older_one_for_a_day(
    codes: list[Secret],
) -> None:  # RC-13
    device = Authenticator()
    opened = with_key(by_code(codes[0]), device)
    assert stepup.is_recovered(opened.session)
    assert not stepup.is_fresh(opened.session)
    assert refusal_of(lambda: remove_app(opened)) == "proof_needed"
    assert refusal_of(lambda: remove_app(by_key(device))) == "factor_too_new"
    key = SecurityKey.objects.get()
    call = partial(factors.remove_key, opened.session, key.pk, keep_one=False, by=author(opened))
    assert refusal_of(call) == "proof_needed"
    assert (Totp.objects.count(), SecurityKey.objects.count()) == (1, 1)
    with clock.shifted(DAY - timedelta(minutes=1)):
        assert refusal_of(lambda: remove_app(by_key(device))) == "factor_too_new"
    with clock.shifted(DAY + timedelta(minutes=1)):
        remove_app(by_key(device))
    assert not Totp.objects.exists()


def test_making_new_codes_does_not_make_the_use_of_an_old_one_forgotten(
    codes: list[Secret],
) -> None:  # RC-13
    opened = with_key(by_code(codes[0]), Authenticator())
    for _ in range(2):
        with_codes(opened)
        assert refusal_of(lambda: remove_app(opened)) == "proof_needed"
    assert Totp.objects.exists()


def test_whoever_found_a_code_cannot_take_the_account_over_by_a_key_of_their_own(
    held: tuple[Phone, list[Secret]],
) -> None:  # RC-13, SU-02
    phone, codes = held
    theirs = Authenticator()
    with_key(by_code(codes[0]), theirs)
    thief = by_key(theirs)
    assert refusal_of(lambda: stepup.require_fresh(thief.session)) == "factor_too_new"
    prove = partial(stepup.prove, thief.session, by=author(thief))
    answer = Answer(KEY, theirs.sign_in(stepup.begin_key(thief.session)))
    assert refusal_of(lambda: prove(answer)) == "factor_too_new"

    owner = answered(ticket_of(), Answer(TOTP, phone.code()))  # the app is not outranked
    assert stepup.is_fresh(owner.session)
    key = SecurityKey.objects.get()
    factors.remove_key(owner.session, key.pk, keep_one=False, by=author(owner))
    assert session.find(thief.secret) is None


def test_a_code_lets_no_browser_be_remembered(codes: list[Secret]) -> None:  # SS-18
    opened = steps.answer(ticket_of(), Answer(RECOVERY, codes[0]), remember=True, by=visitor())
    assert isinstance(opened, Opened)
    assert not Browser.objects.filter(remembered_until__isnull=False).exists()


def test_an_older_factor_removes_others_at_once(held: tuple[Phone, list[Secret]]) -> None:  # RC-13
    phone, codes = held
    by_code(codes[0])
    remove_app(answered(ticket_of(), Answer(TOTP, phone.code())))
    assert not methods.has_any(Session.objects.first().user_id)
    assert not RecoveryCode.objects.exists()


def test_a_code_given_before_a_mailed_link_is_used_up_and_its_owner_told(
    codes: list[Secret], mailoutbox: list[Any]
) -> None:  # RC-14
    mails(mailoutbox).clear()
    with configured("sign_in", confirm_new_browsers=Switch.ON):
        ticket = ticket_of()
        waiting = steps.answer(ticket, Answer(RECOVERY, codes[0]), remember=False, by=visitor())
        assert isinstance(waiting, Waiting)
        assert (Session.objects.count(), left()) == (0, 7)
        subjects = [mail.subject for mail in mails(mailoutbox)]
        assert sum("recovery code" in subject for subject in subjects) == 1
        assert Entry.objects.filter(tag="factor.code_used").count() == 1
        assert refusal_of(tried(ticket_of(), Answer(RECOVERY, codes[0]))) == "recovery_used"
        link = next(mail.body for mail in mailoutbox if "Confirm" in mail.subject)
        token = link_in(link, "/account/confirm-login/")
        opened = steps.confirm_browser(waiting.secret, token, by=visitor())
    assert (opened.session.method, opened.session.proof) == ("password+recovery", "recovery")
    assert not stepup.is_fresh(opened.session)
    assert browsers.is_known(opened.session.user, visitor(browser=opened.browser or "").origin)
    assert Ticket.objects.filter(used=None).count() == 1
