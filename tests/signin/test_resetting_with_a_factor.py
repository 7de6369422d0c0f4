"""A mailed link sets no password past a second factor, whichever it is."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.accounts import passwords
from strongroom.accounts.models import MailLink, User
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY, RECOVERY, TOTP, Methods
from strongroom.factors.models import Challenge, RecoveryCode, SecurityKey, Totp
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.kernel.sections import Feature
from strongroom.signin import browsers, reset, steps, stepup
from strongroom.signin.models import Session
from strongroom.signin.second import Answer
from tests.signin.entering import by_key, has_key, refused_to_a_stranger, signed, ticket_of, whose
from tests.support.authenticator import Authenticator
from tests.support.configuration import configured
from tests.support.people import (
    PASSWORD,
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

NEW = "walnut teapot gravel monsoon"


class Held:
    """Alice's key, phone and recovery codes; she has forgotten her password."""

    def __init__(self) -> None:
        with clock.shifted(timedelta(minutes=-5)):
            opened, self.phone = with_phone(signed_in(person()))
            self.device = Authenticator()
            self.codes: list[Secret] = with_codes(with_key(opened, self.device))
        Session.objects.all().delete()

    def by_key(self, token: str) -> Answer:
        return Answer(KEY, self.device.sign_in(reset.begin_key(token)))

    def by_code(self, _token: str) -> Answer:
        return Answer(RECOVERY, self.codes[0])

    def by_phone(self, _token: str) -> Answer:
        return Answer(TOTP, self.phone.code())


def mailed_link(mailoutbox: list[Any], login: str = "alice") -> str:
    reset.request(login, by=visitor())
    return link_in(mails(mailoutbox)[-1].body, "/account/reset-password/")


def finish(token: str, answer: Answer | None) -> User:
    return reset.finish(token, NEW, answer=answer, by=visitor())


def refused(token: str, answer: Answer | None) -> str:
    """The reason code, after a look that nothing has changed but that the refusal is recorded."""
    code = refusal_of(lambda: finish(token, answer))
    assert passwords.is_right(User.objects.get(username="alice"), PASSWORD)
    assert MailLink.objects.filter(purpose="reset", used=None).exists()
    last = Entry.objects.latest("serial")
    assert (last.tag, whose(last)) == ("account.password_reset", refused_to_a_stranger(code))
    assert not Session.objects.exists()
    return code


@pytest.mark.parametrize("how", [Held.by_key, Held.by_code, Held.by_phone])
def test_any_factor_of_the_account_lets_a_link_set_the_password_and_opens_nothing(
    how: Callable[[Held, str], Answer], mailoutbox: list[Any]
) -> None:  # PR-01
    held = Held()
    token = mailed_link(mailoutbox)
    mailoutbox.clear()
    step, methods = reset.find(token), Methods(keys=1, apps=1, codes_left=8, codes_acknowledged=True)
    assert (step.username, step.methods) == ("alice", methods)
    assert refused(token, None) == "proof_needed"
    finish(token, how(held, token))
    alice = User.objects.get()
    assert passwords.is_right(alice, NEW)
    assert not Session.objects.exists()
    done = Entry.objects.filter(tag="account.password_reset", outcome="done").get()
    assert (done.subject_id, done.actor_kind, done.details) == (alice.pk, "anonymous", {})
    assert isinstance(steps.start("alice", NEW, by=visitor()), steps.Pending)
    assert (Totp.objects.count(), SecurityKey.objects.count()) == (1, 1)
    subjects = [mail.subject for mail in mails(mailoutbox)]
    assert sum("password" in subject for subject in subjects) == 1
    assert sum("recovery code" in subject for subject in subjects) == (how is Held.by_code)
    assert len(subjects) == 1 + (how is Held.by_code)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(RECOVERY, "0000-0000-0000-0000"), "recovery_wrong"),
        (Answer(RECOVERY, ""), "recovery_malformed"),
        (Answer(TOTP, "12345"), "code_malformed"),
        (Answer(KEY, "{}"), "webauthn_malformed"),
        (Answer("password", PASSWORD), "method_unknown"),
        (Answer("", ""), "method_unknown"),
    ],
)
def test_a_wrong_answer_leaves_password_and_link_as_they_were(
    answer: Answer, code: str, mailoutbox: list[Any]
) -> None:  # PR-01
    held = Held()
    token = mailed_link(mailoutbox)
    assert refused(token, answer) == code
    assert RecoveryCode.objects.filter(used=None).count() == 8
    finish(token, held.by_key(token))


def test_a_used_recovery_code_is_refused_here_too(mailoutbox: list[Any]) -> None:  # RC-01
    held = Held()
    first = mailed_link(mailoutbox)
    finish(first, held.by_code(first))
    second = mailed_link(mailoutbox)
    call = partial(reset.finish, second, PASSWORD, answer=held.by_code(second), by=visitor())
    assert refusal_of(call) == "recovery_used"
    assert passwords.is_right(User.objects.get(), NEW)
    assert RecoveryCode.objects.filter(used=None).count() == 7


def test_the_codes_of_somebody_else_serve_nobody_here(mailoutbox: list[Any]) -> None:  # RC-09
    Held()
    bobs = Authenticator()
    codes = with_codes(with_key(signed_in(person("bob")), bobs))
    Session.objects.all().delete()
    token = mailed_link(mailoutbox)
    assert refused(token, Answer(RECOVERY, codes[0])) == "recovery_wrong"
    answer = Answer(KEY, bobs.sign_in(reset.begin_key(token) | {"allowCredentials": []}, user_handle=False))
    assert refused(token, answer) == "webauthn_key_unknown"
    assert RecoveryCode.objects.filter(used=None).count() == 16


def test_what_answers_another_question_or_another_link_is_refused(
    mailoutbox: list[Any],
) -> None:  # WA-35, WA-36
    device = Authenticator()
    has_key("alice", device)
    first, second = mailed_link(mailoutbox), mailed_link(mailoutbox)
    opened = by_key(device)
    ticket = ticket_of()
    answers = [
        Answer(KEY, device.sign_in(reset.begin_key(first))),
        signed(ticket, device),
        Answer(KEY, device.sign_in(stepup.begin_key(opened.session))),
        Answer(KEY, device.sign_in(steps.begin_passkey(by=visitor()).options)),
    ]
    Session.objects.all().delete()
    assert {refused(second, answer) for answer in answers} == {"webauthn_challenge_unknown"}
    assert Challenge.objects.count() == 4
    assert isinstance(finish(first, answers[0]), User)


def test_a_copied_key_sets_no_password(mailoutbox: list[Any]) -> None:  # WA-33
    device = Authenticator()
    has_key("alice", device)
    copy = device.clone()
    by_key(device)
    Session.objects.all().delete()
    token = mailed_link(mailoutbox)
    assert refused(token, Answer(KEY, copy.sign_in(reset.begin_key(token)))) == "webauthn_key_copied"
    assert SecurityKey.objects.get().flagged is not None


def test_where_keys_are_switched_off_a_key_still_protects(mailoutbox: list[Any]) -> None:  # PR-01
    held = Held()
    token = mailed_link(mailoutbox)
    answer = held.by_key(token)
    with configured("features", webauthn=Feature.OFF):
        assert refusal_of(lambda: reset.begin_key(token)) == "webauthn_off"
        assert refused(token, None) == "proof_needed"
        assert refused(token, answer) == "webauthn_off"
        finish(token, held.by_code(token))


def test_wrong_codes_are_counted_with_those_at_sign_in(mailoutbox: list[Any]) -> None:  # RC-08, RL-02
    held = Held()
    token = mailed_link(mailoutbox)
    for guess in range(10):
        assert refused(token, Answer(RECOVERY, f"0000-0000-0000-000{guess}")) == "recovery_wrong"
    assert refusal_of(lambda: finish(token, held.by_code(token))) == "too_many_attempts"
    ticket = ticket_of()
    late = partial(steps.answer, ticket, held.by_code(ticket), remember=False, by=visitor())
    assert refusal_of(late) == "too_many_attempts"
    assert RecoveryCode.objects.filter(used=None).count() == 8


@pytest.mark.django_db(transaction=True)
def test_of_parallel_posts_of_one_link_and_code_one_sets_the_password(
    mailoutbox: list[Any],
) -> None:  # PR-04, RC-02
    held = Held()
    token = mailed_link(mailoutbox)
    answer = held.by_code(token)
    calls = [
        partial(reset.finish, token, f"{NEW} number {number}", answer=answer, by=visitor())
        for number in range(6)
    ]
    results = at_once(calls)
    assert sum(isinstance(result, User) for result in results) == 1
    assert {result.code for result in results if isinstance(result, Refused)} <= {
        "link_invalid",
        "recovery_used",
    }
    assert RecoveryCode.objects.filter(used=None).count() == 7


def test_a_reset_forgets_the_browsers_that_were_known(mailoutbox: list[Any]) -> None:  # PR-05, LT-26
    alice = person()
    known = browsers.know(alice, told=True, by=visitor())
    reset.request("alice", by=visitor())
    token = link_in(mails(mailoutbox)[-1].body, "/account/reset-password/")
    reset.finish(token, "walnut teapot gravel monsoon", answer=None, by=visitor())
    assert not browsers.is_known(alice, visitor(browser=known).origin)
