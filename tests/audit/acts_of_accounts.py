"""What the settings of an account leave."""

from strongroom.accounts import emails, standing
from strongroom.accounts.models import EmailAddress, User
from strongroom.factors.models import SecurityKey, Totp
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.tokens.models import Token
from tests.audit.acts import Act, Left, Mailbox, leaves
from tests.audit.acts_of_signing_in import NEW
from tests.support.authenticator import Authenticator
from tests.support.people import (
    PASSWORD,
    Phone,
    as_user,
    link_in,
    mails,
    person,
    signed_in,
    with_codes,
    with_key,
    with_phone,
)
from tests.tokens.making import token_for
from tests.web.browsing import browser_of, holding, nobody, operator
from tests.web.history import name_key
from tests.web.keys_in_pages import add_key

ACCOUNT = "/manage/account/"
SECOND = "second@example.org"


def with_second() -> tuple[User, EmailAddress]:
    alice = person()
    return alice, emails.claim(alice, SECOND, SECOND, primary=False, verified=clock.now())


@leaves("password", Left("account.password_changed"))
def change_password(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    return lambda: client.post(f"{ACCOUNT}password/", {"current": PASSWORD, "password": NEW, "confirm": NEW})


@leaves("email-add", Left("email.added", details={"address": SECOND}))
def add_email(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    return lambda: client.post(f"{ACCOUNT}email/", {"email": SECOND})


@leaves("email-verify", Left("email.verification_sent", details={"address": "alice@example.org"}))
def send_again(_mailbox: Mailbox) -> Act:
    alice = person(verified=False)
    client, row = browser_of(alice), EmailAddress.objects.get()
    return lambda: client.post(f"{ACCOUNT}email/{row.pk}/verify/")


@leaves(
    "email-primary", Left("email.primary_changed", details={"address": SECOND, "before": "alice@example.org"})
)
def make_primary(_mailbox: Mailbox) -> Act:
    alice, row = with_second()
    client = browser_of(alice)
    return lambda: client.post(f"{ACCOUNT}email/{row.pk}/primary/")


@leaves(
    "undo-email-change",
    Left("email.primary_change_undone", actor="", details={"address": "alice@example.org", "before": SECOND}),
)
def undo_primary(mailbox: Mailbox) -> Act:
    alice, row = with_second()
    browser_of(alice).post(f"{ACCOUNT}email/{row.pk}/primary/")
    (body,) = [mail.body for mail in mails(mailbox) if mail.to == ["alice@example.org"]]
    token = link_in(body, "/account/undo-email-change/")
    return lambda: nobody().post("/account/undo-email-change/", {"token": token})


@leaves("email-remove", Left("email.removed", details={"address": SECOND}))
def remove_email(_mailbox: Mailbox) -> Act:
    alice, row = with_second()
    client = browser_of(alice)
    return lambda: client.post(f"{ACCOUNT}email/{row.pk}/remove/")


@leaves("totp-provision", Left("factor.totp_added", details={"name": "Phone"}))
def add_totp(_mailbox: Mailbox) -> Act:
    from strongroom.signin import factors

    opened = signed_in(person())
    client, phone = holding(opened), Phone(factors.begin_totp(opened.session).uri)
    return lambda: client.post(f"{ACCOUNT}totp-provision/", {"name": "Phone", "code": phone.code()})


@leaves("totp-remove", Left("factor.totp_removed", details={"name": "phone"}))
def remove_totp(_mailbox: Mailbox) -> Act:
    opened, _phone = with_phone(signed_in(person()))
    client, row = holding(opened), Totp.objects.get()
    return lambda: client.post(f"{ACCOUNT}totp/{row.pk}/remove/")


@leaves("webauthn-provision", Left("factor.key_added", details={"name": "Key ring"}))
def add_a_key(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    return lambda: add_key(client, Authenticator())


@leaves("key-rename", Left("factor.key_renamed", details={"name": "Safe", "before": "key"}))
def rename_key(_mailbox: Mailbox) -> Act:
    client = holding(with_key(signed_in(person()), Authenticator()))
    row = SecurityKey.objects.get()
    return lambda: client.post(f"{ACCOUNT}key/{row.pk}/rename/", {"name": "Safe"})


@leaves("key-remove", Left("factor.key_removed", details={"name": "key"}))
def remove_key(_mailbox: Mailbox) -> Act:
    client = holding(with_key(signed_in(person()), Authenticator()))
    row = SecurityKey.objects.get()
    return lambda: client.post(f"{ACCOUNT}key/{row.pk}/remove/")


@leaves("recovery-codes", Left("factor.codes_made", details={"count": 8}))
def make_codes(_mailbox: Mailbox) -> Act:
    client = holding(with_key(signed_in(person()), Authenticator()))
    return lambda: client.post(f"{ACCOUNT}recovery-codes/")


@leaves("recovery-codes-check", Left("factor.codes_acknowledged"))
def check_codes(_mailbox: Mailbox) -> Act:
    opened = with_key(signed_in(person()), Authenticator())
    client, codes = holding(opened), with_codes(opened)
    return lambda: client.post(f"{ACCOUNT}recovery-codes/check/", {"code": str(codes[1])})


@leaves("token", Left("token.made", details={"name": "CI", "token": ..., "restrictions": ...}))
def make_token(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    return lambda: client.post(
        f"{ACCOUNT}token/", {"name": "CI", "scope": "all", "actions": ["upload"], "expires": ""}
    )


@leaves("token-revoke", Left("token.revoked", details={"name": "CI", "token": ..., "why": ""}))
def revoke_token(_mailbox: Mailbox) -> Act:
    alice = person()
    token_for(alice, name="CI")
    client, row = browser_of(alice), Token.objects.get()
    return lambda: client.post(f"{ACCOUNT}token/{row.pk}/revoke/")


@leaves(
    "may-publish", Left("account.publishing_switched", details={"level": "tokens", "before": "passwords"})
)
def switch(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    return lambda: client.post(f"{ACCOUNT}may-publish/", {"level": "tokens"})


@leaves("thaw", Left("account.thawed", reason="factor_too_new"))
def thaw(_mailbox: Mailbox) -> Act:
    alice = person()
    standing.freeze(alice, clock.now(), by=Actor.console())
    alice.refresh_from_db()
    client = browser_of(alice)
    return lambda: client.post(f"{ACCOUNT}thaw/")


@leaves(
    "account-event-disown",
    Left("event.disowned", details={"serial": ..., "event": "factor.key_added"}),
    Left("account.frozen", details={"written": ...}),
    Left("browser.forgotten", details={"count": 1}),
)
def disown(_mailbox: Mailbox) -> Act:
    alice = person()
    client, serial = browser_of(alice), name_key("blue", subject_id=alice.pk, by=as_user(alice))
    return lambda: client.post(f"{ACCOUNT}history/{serial}/not-me/")


@leaves("account-data-export", Left("account.exported"))
def export(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    return lambda: client.post(f"{ACCOUNT}data/export/")


@leaves(
    "account-data-delete",  # the name of who did it is erased with the account
    Left("account.deleted", actor="", details={"tokens": 0, "projects": 0}),
    Left("audit.erased", actor=""),
)
def delete(_mailbox: Mailbox) -> Act:
    client = browser_of(person())
    return lambda: client.post(f"{ACCOUNT}data/delete/", {"username": "alice"})


@leaves(
    "operate-downloads",
    Left(
        "audit.downloads_asked",
        actor="olga",
        subject="",
        details={
            "digests": ["1" * 64],
            "filenames": ...,
            "version": "",
            "since": "2026-11-03T11:00:00.000000Z",
            "until": "2026-11-03T13:00:00.000000Z",
            "count": 0,
        },
    ),
)
def ask_who_downloaded(_mailbox: Mailbox) -> Act:
    olga = browser_of(operator())
    typed = {"digests": "1" * 64, "since": "2026-11-03T11:00", "until": "2026-11-03T13:00"}
    return lambda: olga.post("/operate/audit/downloads/", typed)


@leaves("operate-disable", Left("account.disabled", actor="olga"))
def disable(_mailbox: Mailbox) -> Act:
    person()
    olga = browser_of(operator())
    return lambda: olga.post("/operate/user/alice/disable/")


@leaves("operate-enable", Left("account.enabled", actor="olga"))
def enable(_mailbox: Mailbox) -> Act:
    standing.disable(person(), by=Actor.console())
    olga = browser_of(operator())
    return lambda: olga.post("/operate/user/alice/enable/")


@leaves("operate-thaw", Left("account.thawed", actor="olga"))
def thaw_for(_mailbox: Mailbox) -> Act:
    standing.freeze(person(), clock.now(), by=Actor.console())
    olga = browser_of(operator())
    return lambda: olga.post("/operate/user/alice/thaw/")
