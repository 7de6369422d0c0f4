"""What the pages to sign in, to reset and to prove leave."""

from datetime import timedelta

from django.test import Client

from strongroom.accounts import panic_link
from strongroom.accounts.register import setup_link
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.sections import Switch
from strongroom.signin import devices
from strongroom.signin.devices import Codes
from strongroom.signin.models import Browser, Session
from tests.audit.acts import Act, Left, Mailbox, leaves
from tests.support.authenticator import Authenticator
from tests.support.configuration import configured
from tests.support.people import (
    BROWSER,
    PASSWORD,
    Phone,
    link_in,
    mails,
    person,
    signed_in,
    with_codes,
    with_key,
    with_phone,
)
from tests.web.browsing import browser_of, holding, nobody
from tests.web.keys_in_pages import log_in_by_passkey

NEW = "meadow trumpet ninety basalt"
LOG_IN = {"username": "alice", "password": PASSWORD}


def protected() -> tuple[Phone, list[str]]:
    """Alice's phone, whose last code is old, and her recovery codes."""
    with clock.shifted(timedelta(minutes=-5)):
        opened, phone = with_phone(signed_in(person()))
        return phone, [str(code) for code in with_codes(opened)]


def past_the_password() -> Client:
    client = nobody()
    client.post("/account/login/", LOG_IN)
    return client


@leaves(
    "register",
    Left("account.created", actor="", details={"username": "alice"}),
    Left("email.added", actor="", details={"address": "alice@example.org"}),
    Left("session.sign_in", details={"method": "password"}),
    Left("session.new_browser"),
)
def register(_mailbox: Mailbox) -> Act:
    typed = {**LOG_IN, "email": "alice@example.org", "confirm": PASSWORD}
    return lambda: nobody().post("/account/register/", typed)


@leaves(
    "login",
    Left("session.sign_in", details={"method": "password"}),
    Left("session.new_browser"),
)
def log_in(_mailbox: Mailbox) -> Act:
    person()
    return lambda: nobody().post("/account/login/", LOG_IN)


@leaves(
    "passkey",
    Left("session.sign_in", details={"method": "passkey"}),
    Left("session.new_browser"),
)
def by_passkey(_mailbox: Mailbox) -> Act:
    key = Authenticator()
    with_key(signed_in(person()), key)
    return lambda: log_in_by_passkey(nobody(), key)


@leaves(
    "two-factor",
    Left("session.sign_in", details={"method": "password+totp"}),
    Left("session.new_browser"),
)
def second_step(_mailbox: Mailbox) -> Act:
    phone, _codes = protected()
    client = past_the_password()
    return lambda: client.post("/account/two-factor/", {"code": phone.code(), "with": "totp"})


@leaves(
    "recovery-code",
    Left("factor.code_used", actor="", details={"left": 7}),
    Left("session.sign_in", details={"method": "password+recovery"}),
    Left("session.new_browser"),
)
def by_recovery_code(_mailbox: Mailbox) -> Act:
    _phone, codes = protected()
    client = past_the_password()
    return lambda: client.post("/account/recovery-code/", {"code": codes[1]})


@leaves(
    "confirm-login",
    Left("session.sign_in", details={"method": "password"}),
    Left("session.new_browser"),
)
def confirm(mailbox: Mailbox) -> Act:
    person()
    client = nobody()
    with configured("sign_in", confirm_new_browsers=Switch.ON):
        client.post("/account/login/", LOG_IN)
    token = link_in(mails(mailbox)[-1].body, "/account/confirm-login/")
    return lambda: client.post("/account/confirm-login/", {"token": token})


@leaves("logout", Left("session.ended", details={"count": 1}))
def log_out(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    return lambda: client.post("/account/logout/")


@leaves("request-password-reset", Left("account.password_reset_requested", actor=""))
def ask_for_reset(_mailbox: Mailbox) -> Act:
    person()
    return lambda: nobody().post("/account/request-password-reset/", {"login": "alice"})


@leaves(
    "reset-password", Left("account.password_changed", actor=""), Left("account.password_reset", actor="")
)
def reset(mailbox: Mailbox) -> Act:
    person()
    nobody().post("/account/request-password-reset/", {"login": "alice"})
    token = link_in(mails(mailbox)[-1].body, "/account/reset-password/")
    return lambda: nobody().post(
        "/account/reset-password/", {"token": token, "password": NEW, "confirm": NEW}
    )


@leaves("panic", Left("account.frozen", actor="", details={"written": ...}))
def pull(_mailbox: Mailbox) -> Act:
    token = panic_link.make(person()).partition("?token=")[2]
    return lambda: nobody().post("/account/panic/", {"token": token})


@leaves("verify-email", Left("email.verified", actor="", details={"address": "alice@example.org"}))
def verify(mailbox: Mailbox) -> Act:
    person(verified=False)
    token = link_in(mails(mailbox)[-1].body, "/account/verify-email/")
    return lambda: nobody().post("/account/verify-email/", {"token": token})


@leaves("reauthenticate", Left("session.step_up", details={"method": "password"}))
def prove(_mailbox: Mailbox) -> Act:
    client = browser_of(person(), fresh=False)
    return lambda: client.post("/account/reauthenticate/", {"password": PASSWORD})


def codes() -> Codes:
    return devices.ask("strongroom login", host="laptop", origin=BROWSER)


ASKED = {"program": "strongroom login", "host": "laptop"}


@leaves("device", Left("device.approved", details=ASKED))
def approve_device(_mailbox: Mailbox) -> Act:
    client, asked = browser_of(person()), codes()
    typed = {"user_code": asked.user_code, "name": "login on laptop", "scope": "all", "days": "365"}
    return lambda: client.post("/account/device/", typed)


@leaves("device-deny", Left("device.denied", details=ASKED))
def deny_device(_mailbox: Mailbox) -> Act:
    client, asked = browser_of(person()), codes()
    return lambda: client.post("/account/device/deny/", {"user_code": asked.user_code})


@leaves("session-end", Left("session.ended", details={"count": 1}))
def end_session(_mailbox: Mailbox) -> Act:
    alice = person()
    client, _other = browser_of(alice), browser_of(alice)
    other = Session.objects.latest("pk")
    return lambda: client.post(f"/manage/account/session/{other.pk}/end/")


@leaves("sessions-end-others", Left("session.ended", details={"count": 1}))
def end_other_sessions(_mailbox: Mailbox) -> Act:
    alice = person()
    client, _other = browser_of(alice), browser_of(alice)
    return lambda: client.post("/manage/account/sessions/end-others/")


@leaves("browser-forget", Left("browser.forgotten", details={"count": 1}))
def forget_browser(_mailbox: Mailbox) -> Act:
    alice = person()
    client = holding(signed_in(alice))
    browser = Browser.objects.latest("pk")
    return lambda: client.post(f"/manage/account/browser/{browser.pk}/forget/")


@leaves("setup", Left("account.operator_made"))
def set_up(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    token = (setup_link(by=Actor.console()) or "").partition("?token=")[2]
    return lambda: client.post("/operate/setup/", {"token": token})
