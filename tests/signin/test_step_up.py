"""Step-up: the strongest factor again, within ten minutes, in this session alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from strongroom.accounts import emails, epoch
from strongroom.accounts.models import EmailAddress
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY, PASSWORD, RECOVERY, TOTP
from strongroom.factors.models import Challenge, RecoveryCode, SecurityKey, Totp
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import Feature
from strongroom.signin import credentials, factors, session, steps, stepup
from strongroom.signin.models import Session
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from tests.signin.entering import (
    answered,
    author,
    by_code,
    by_key,
    done_by,
    entry,
    has_key,
    has_phone_and_codes,
    signed,
    ticket_of,
    tried,
    whose,
)
from tests.support import authenticator, people
from tests.support.authenticator import UV, Authenticator
from tests.support.configuration import configured
from tests.support.people import (
    BROWSER,
    again,
    at_once,
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

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def prove(opened: Opened, answer: Answer) -> Opened:
    return stepup.prove(again(opened), answer, by=author(opened))


def by_touch(opened: Opened, device: Authenticator, **how: Any) -> Answer:
    """The answer of ``device`` to the question of a step-up."""
    return Answer(KEY, device.sign_in(stepup.begin_key(opened.session), **how))


def refused(opened: Opened, answer: Answer) -> str:
    """The reason code, after a look that the session is as it was, and that the refusal is recorded."""
    before = Session.objects.values().get(pk=opened.session.pk)
    code = refusal_of(lambda: prove(opened, answer))
    assert Session.objects.values().get(pk=opened.session.pk) == before
    last = Entry.objects.latest("serial")
    assert (last.tag, last.subject_id) == ("session.step_up", opened.session.user_id)
    assert (last.outcome, last.reason, last.details) == ("refused", code, {"method": answer.method})
    return code


def no_user_verified(answer: authenticator.Answer) -> None:
    answer.flags &= ~UV


def test_a_key_makes_the_session_fresh_under_another_cookie() -> None:  # SS-01, WA-25
    device = Authenticator()
    with clock.shifted(timedelta(minutes=-15)):
        has_key("alice", device)
        opened = by_key(device)
    assert not stepup.is_fresh(opened.session)
    after = prove(opened, by_touch(opened, device))
    key = SecurityKey.objects.get()
    assert stepup.is_fresh(after.session)
    assert (after.session.proof, after.session.proof_since) == ("key", key.created)
    assert (session.find(opened.secret), session.find(after.secret)) == (None, after.session)
    assert after.session.created == opened.session.created
    event = entry("session.step_up")
    assert (event.subject_id, event.details) == (opened.session.user_id, {"method": "key"})
    assert whose(event) == done_by(opened)
    assert (key.sign_count, Challenge.objects.count()) == (3, 0)


def test_without_a_factor_the_password_is_what_there_is() -> None:
    with clock.shifted(timedelta(minutes=-15)):
        opened = signed_in(person())
    assert refused(opened, Answer(PASSWORD, "guess")) == "password_wrong"
    after = prove(opened, Answer(PASSWORD, people.PASSWORD))
    assert (stepup.is_fresh(after.session), after.session.proof) == (True, "password")
    assert whose(entry("session.step_up", outcome="done")) == done_by(opened)


def test_wrong_passwords_in_a_session_are_counted_with_those_at_the_door() -> None:  # RL-02
    opened = signed_in(person())
    codes = [refusal_of(lambda: prove(opened, Answer(PASSWORD, "guess"))) for _ in range(11)]
    assert codes == ["password_wrong"] * 10 + ["too_many_attempts"]
    call = partial(steps.start, "alice", people.PASSWORD, by=visitor())
    assert refusal_of(call) == "too_many_attempts"


def test_where_there_is_a_key_nothing_less_will_do() -> None:  # SU-02
    device = Authenticator()
    phone_session, phone = with_phone(signed_in(person()))
    opened = with_key(phone_session, device)
    with clock.shifted(timedelta(minutes=2)):
        for answer in (Answer(PASSWORD, people.PASSWORD), Answer(TOTP, phone.code()), Answer("sms", "1")):
            assert refused(opened, answer) == "proof_too_weak"
    assert Totp.objects.get().last_used is None


def test_where_there_is_an_app_the_password_will_not_do() -> None:  # SU-02
    phone, _codes = has_phone_and_codes()
    opened = answered(ticket_of(), Answer(TOTP, phone.code()))
    assert refused(opened, Answer(PASSWORD, people.PASSWORD)) == "proof_too_weak"
    assert prove(opened, Answer(TOTP, phone.code(steps=1))).session.proof == "totp"


def test_where_keys_are_switched_off_the_app_is_the_strongest_if_there_is_one() -> None:
    device = Authenticator()
    opened = with_key(signed_in(person()), device)
    answer = by_touch(opened, device)
    with configured("features", webauthn=Feature.OFF):
        assert stepup.strongest(opened.session.user_id) == KEY
        assert refused(opened, Answer(PASSWORD, people.PASSWORD)) == "proof_too_weak"
        assert refused(opened, answer) == "webauthn_off"
        assert refusal_of(lambda: stepup.begin_key(opened.session)) == "webauthn_off"
    with clock.shifted(timedelta(minutes=-5)):
        opened, phone = with_phone(again_opened(opened))
    with configured("features", webauthn=Feature.OFF):
        assert stepup.strongest(opened.session.user_id) == TOTP
        assert prove(opened, Answer(TOTP, phone.code())).session.proof == "totp"


def again_opened(opened: Opened) -> Opened:
    return Opened(again(opened), opened.secret)


def test_a_code_that_signed_in_does_not_step_up() -> None:  # LT-06
    phone, _codes = has_phone_and_codes()
    code = phone.code()
    opened = answered(ticket_of(), Answer(TOTP, code))
    assert refused(opened, Answer(TOTP, code)) == "totp_reused"


def test_a_key_that_never_verified_its_user_need_not() -> None:  # WA-17, WA-41
    device = Authenticator(u2f=True)
    opened = with_key(signed_in(person()), device)
    assert prove(opened, by_touch(opened, device)).session.proof == "key"


def test_a_key_that_has_verified_its_user_must_do_so_again() -> None:  # WA-17
    device = Authenticator()
    opened = with_key(signed_in(person()), device)
    answer = by_touch(opened, device, bend=no_user_verified)
    assert refused(opened, answer) == "webauthn_user_not_verified"
    assert (SecurityKey.objects.get().sign_count, Challenge.objects.count()) == (1, 0)


def test_a_copied_key_is_refused_flagged_and_told_of(mailoutbox: list[Any]) -> None:  # WA-33
    device = Authenticator()
    opened = with_key(signed_in(person()), device)
    copy = device.clone()
    opened = prove(opened, by_touch(opened, device))
    mails(mailoutbox).clear()
    assert refused(opened, by_touch(opened, copy)) == "webauthn_key_copied"
    assert SecurityKey.objects.get().flagged is not None
    assert len(mails(mailoutbox)) == 1
    assert whose(entry("factor.key_copied")) == done_by(opened)


def test_freshness_lasts_ten_minutes_and_use_does_not_prolong_it() -> None:  # SU-03
    with clock.frozen(NOON):
        opened = signed_in(person())
    for moment, fresh in ((0, True), (300, True), (599, True), (600, True), (601, False), (900, False)):
        with clock.frozen(NOON + timedelta(seconds=moment)):
            found = session.find(opened.secret)
            assert found is not None
            assert (stepup.is_fresh(found), stepup.is_recovered(found)) == (fresh, fresh)


def test_stepping_up_here_does_not_elevate_a_session_elsewhere() -> None:  # SU-04
    device = Authenticator()
    with clock.shifted(timedelta(minutes=-15)):
        has_key("alice", device)
        here, there = by_key(device), by_key(device)
    answer = by_touch(here, device)
    assert refused(there, answer) == "webauthn_challenge_unknown"
    prove(here, answer)
    elsewhere = session.find(there.secret)
    assert elsewhere is not None
    assert not stepup.is_fresh(elsewhere)


def test_what_answers_a_sign_in_does_not_step_up_and_the_other_way_round() -> None:  # SU-05, WA-35
    device = Authenticator()
    has_key("alice", device)
    opened = by_key(device)
    ticket = ticket_of()
    assert refused(opened, signed(ticket, device)) == "webauthn_challenge_unknown"
    assert refusal_of(tried(ticket, by_touch(opened, device))) == "webauthn_challenge_unknown"
    assert Session.objects.count() == 1


def test_a_recovery_code_lets_one_go_on_but_is_no_fresh_proof(mailoutbox: list[Any]) -> None:  # RC-13
    _phone, codes = has_phone_and_codes()
    opened = by_code(codes[0])
    mails(mailoutbox).clear()
    with clock.shifted(timedelta(minutes=11)):
        assert not stepup.is_recovered(again(opened))
        after = prove(opened, Answer(RECOVERY, codes[1]))
        assert (stepup.is_fresh(after.session), stepup.is_recovered(after.session)) == (False, True)
        assert len(mails(mailoutbox)) == 1
    assert RecoveryCode.objects.filter(used=None).count() == 6


def test_without_a_factor_a_recovery_code_proves_nothing() -> None:
    opened = signed_in(person())
    assert refused(opened, Answer(RECOVERY, "0000-0000-0000-0000")) == "recovery_wrong"


def test_a_new_app_beside_a_key_is_no_proof() -> None:  # SU-02
    device = Authenticator()
    opened = with_key(signed_in(person()), device)
    codes = with_codes(opened)
    recovered = by_code(codes[0])
    with_app, _phone = with_phone(recovered)
    assert (with_app.session.proof, stepup.is_fresh(with_app.session)) == ("recovery", False)
    call = partial(
        factors.remove_key,
        with_app.session,
        SecurityKey.objects.get().pk,
        keep_one=False,
        by=author(with_app),
    )
    assert refusal_of(call) == "proof_needed"


def test_only_a_factor_from_before_is_trusted() -> None:
    opened = with_key(signed_in(person()), Authenticator())
    since = opened.session.proof_since
    assert since is not None
    stepup.require_trusted(opened.session, since + timedelta(microseconds=1))
    for call in (
        partial(stepup.require_trusted, opened.session, since),
        partial(stepup.require_trusted, signed_in(person("bob")).session, clock.now()),
    ):
        assert refusal_of(call) == "factor_too_new"
    with clock.shifted(timedelta(minutes=11)):
        assert refusal_of(lambda: stepup.require_trusted(opened.session, clock.now())) == "proof_needed"


@dataclass(frozen=True)
class Owner:
    """Alice, with a key, an app and codes, and a session whose proof is old."""

    opened: Opened
    app: Totp
    key: SecurityKey
    address: EmailAddress
    code: str
    credential: str


@pytest.fixture
def owner(db: None) -> Owner:
    """Alice's session was proved eleven minutes ago; her question about one more key is still open."""
    with clock.shifted(timedelta(minutes=-15)):
        opened, _phone = with_phone(signed_in(person()))
    with clock.shifted(timedelta(minutes=-11)):
        opened = with_key(opened, Authenticator())
        codes = with_codes(opened)
    with clock.shifted(timedelta(minutes=-4)):
        address = emails.add(opened.session.user, "alice@example.net", by=author(opened))
        holder = Opened(again(opened), opened.secret)
        holder.session.proven = clock.now()
        credential = Authenticator().register(factors.begin_key(holder.session))
    return Owner(opened, Totp.objects.get(), SecurityKey.objects.get(), address, codes[0], credential)


SENSITIVE: dict[str, Callable[[Owner], Any]] = {
    "begin an app": lambda a: factors.begin_totp(a.opened.session),
    "add an app": lambda a: factors.confirm_totp(a.opened.session, name="x", code="1", by=author(a.opened)),
    "remove an app": lambda a: factors.remove_totp(
        a.opened.session, a.app.pk, keep_one=False, by=author(a.opened)
    ),
    "begin a key": lambda a: factors.begin_key(a.opened.session),
    "add a key": lambda a: factors.add_key(
        a.opened.session, name="x", credential=a.credential, by=author(a.opened)
    ),
    "rename a key": lambda a: factors.rename_key(a.opened.session, a.key.pk, name="x", by=author(a.opened)),
    "remove a key": lambda a: factors.remove_key(
        a.opened.session, a.key.pk, keep_one=False, by=author(a.opened)
    ),
    "make codes": lambda a: factors.make_codes(a.opened.session, by=author(a.opened)),
    "type a code back": lambda a: factors.acknowledge_codes(a.opened.session, a.code, by=author(a.opened)),
    "change the password": lambda a: credentials.change_password(
        a.opened.session, current=people.PASSWORD, new="walnut teapot gravel", by=author(a.opened)
    ),
    "change the address": lambda a: credentials.make_primary_email(
        a.opened.session, a.address.pk, by=author(a.opened)
    ),
    "remove an address": lambda a: credentials.remove_email(
        a.opened.session, a.address.pk, by=author(a.opened)
    ),
}


@pytest.mark.parametrize("change", SENSITIVE.values(), ids=SENSITIVE.keys())
def test_a_stolen_session_changes_nothing(
    owner: Owner, change: Callable[[Owner], Any], mailoutbox: list[Any]
) -> None:  # SU-01
    mails(mailoutbox).clear()
    kept = [
        list(model.objects.values()) for model in (Totp, SecurityKey, RecoveryCode, EmailAddress, Session)
    ]
    entries = Entry.objects.count()
    assert refusal_of(lambda: change(owner)) == "proof_needed"
    after = [
        list(model.objects.values()) for model in (Totp, SecurityKey, RecoveryCode, EmailAddress, Session)
    ]
    assert (after, mails(mailoutbox), Entry.objects.count()) == (kept, [], entries)


def test_a_session_that_has_ended_meanwhile_does_not_come_back() -> None:  # SS-02
    device = Authenticator()
    opened = with_key(signed_in(person()), device)
    codes = factors.make_codes(opened.session, by=author(opened))
    stale = again(opened)
    by = session.actor_of(stale, BROWSER)
    key = SecurityKey.objects.get().pk
    credential = Authenticator().register(factors.begin_key(stale))
    epoch.bump(stale.user_id)
    for call in (
        lambda: factors.make_codes(stale, by=by),
        lambda: factors.add_key(stale, name="x", credential=credential, by=by),
        lambda: factors.remove_key(stale, key, keep_one=False, by=by),
        lambda: credentials.change_password(
            stale, current=people.PASSWORD, new="walnut teapot gravel monsoon", by=by
        ),
    ):
        assert refusal_of(call) == "session_ended"
    assert session.find(opened.secret) is None
    assert SecurityKey.objects.count() == 1
    session.end(stale.user, stale.pk, by=by)
    assert refusal_of(lambda: stepup.prove(stale, Answer(RECOVERY, codes[0]), by=by)) == "session_ended"
    assert RecoveryCode.objects.filter(used=None).count() == 8


def test_every_verified_address_hears_of_every_change(mailoutbox: list[Any]) -> None:  # SU-08
    opened = signed_in(person())
    second = emails.add(opened.session.user, "alice@example.net", by=author(opened))
    EmailAddress.objects.filter(pk=second.pk).update(verified=clock.now())
    emails.add(opened.session.user, "unverified@example.net", by=author(opened))
    mails(mailoutbox).clear()
    opened, _phone = with_phone(opened)
    opened = with_key(opened, Authenticator())
    factors.make_codes(opened.session, by=author(opened))
    key, app = SecurityKey.objects.get().pk, Totp.objects.get().pk
    factors.rename_key(opened.session, key, name="new", by=author(opened))
    opened = factors.remove_totp(opened.session, app, keep_one=False, by=author(opened))
    factors.remove_key(opened.session, key, keep_one=False, by=author(opened))
    sent = [(mail.subject, mail.to[0]) for mail in mails(mailoutbox)]
    subjects = {subject for subject, _to in sent}
    assert len(subjects) == 6
    assert sorted(sent) == sorted(
        (subject, to) for subject in subjects for to in ("alice@example.org", "alice@example.net")
    )


@pytest.mark.django_db(transaction=True)
def test_one_answer_posted_thirty_two_times_steps_up_once() -> None:  # WA-31
    device = Authenticator()
    opened = with_key(signed_in(person()), device)
    answer = by_touch(opened, device)
    results = at_once([partial(prove, opened, answer)] * 32)
    assert sum(isinstance(result, Opened) for result in results) == 1
    refusals = [result.code for result in results if isinstance(result, Refused)]
    assert refusals == ["webauthn_challenge_unknown"] * 31
    assert Entry.objects.filter(tag="session.step_up", outcome="done").count() == 1
