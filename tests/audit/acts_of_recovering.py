"""What the pages of a recovery leave."""

from strongroom.kernel import clock
from tests.audit.acts import Act, Left, Mailbox, leaves
from tests.recovery.recovering import (
    FINISH,
    NEW,
    REASON,
    START,
    STOP,
    WAIT,
    begun_by_mail,
    cast,
    complete,
    mail_to,
    opened_by_phone,
    start_link,
)
from tests.web.browsing import browser_of, holding, nobody

ALICE = "alice@example.org"
BEGUN = {"address": ALICE, "reason": ""}


@leaves("recover", Left("recovery.requested", actor=""))
def ask(_mailbox: Mailbox) -> Act:
    cast()
    return lambda: nobody().post("/account/recover/", {"login": "alice"})


@leaves(
    "recover-start",
    Left("recovery.begun", actor="", details=BEGUN),
    Left("recovery.proved", actor="", details={"proof": "mail", "reason": ""}),
)
def begin(mailbox: Mailbox) -> Act:
    cast()
    token = start_link(mailbox)
    return lambda: nobody().post(START, {"token": token})


@leaves("recover-stop", Left("recovery.stopped", actor="", details={"stopped_by": "alice"}))
def stop_by_link(mailbox: Mailbox) -> Act:
    cast()
    begun_by_mail(mailbox)
    token = mail_to(mailbox, ALICE, STOP)
    return lambda: nobody().post(STOP, {"token": token})


@leaves("recovery-stop", Left("recovery.stopped", details={"stopped_by": "alice"}))
def stop_own(mailbox: Mailbox) -> Act:
    people = cast()
    recovery = begun_by_mail(mailbox)
    client = holding(opened_by_phone(people.alice))
    return lambda: client.post(f"/manage/recovery/{recovery.pk}/stop/")


@leaves(
    "recovery-vouch",
    Left("recovery.proved", actor="bob", details={"proof": "maintainer", "reason": ""}),
    Left("recovery.complete", actor="bob", details={"ready": ...}),
)
def vouch(mailbox: Mailbox) -> Act:
    people = cast()
    recovery = begun_by_mail(mailbox)
    client = holding(opened_by_phone(people.bob))
    return lambda: client.post(f"/manage/recovery/{recovery.pk}/vouch/")


@leaves(
    "recover-finish",
    Left("factor.all_removed", actor="", details={"count": ...}),
    Left("browser.forgotten", actor="", details={"count": ...}),
    Left("token.revoked", actor="", details={"name": "Laptop", "token": ..., "why": ""}),
    Left("account.password_changed", actor=""),
    Left("recovery.finished", actor="", details={"factors": ..., "tokens": 1}),
    Left("session.new_browser", actor=""),
)
def finish(mailbox: Mailbox) -> Act:
    recovery = complete(mailbox, cast())

    def act() -> None:
        with clock.shifted(WAIT):
            nobody().post(FINISH, {"token": token, "password": NEW, "confirm": NEW})

    with clock.shifted(WAIT):
        from strongroom.recovery.remind import remind_due

        remind_due()
        token = mail_to(mailbox, recovery.address, FINISH)
    return act


@leaves(
    "operate-recoveries",
    Left("recovery.begun", actor="olga", details=BEGUN | {"reason": REASON}),
    Left("recovery.proved", actor="olga", details={"proof": "operator", "reason": REASON}),
)
def begin_for(_mailbox: Mailbox) -> Act:
    olga = browser_of(cast().olga)
    return lambda: olga.post("/operate/recoveries/", {"username": "alice", "reason": REASON, "address": ""})


@leaves(
    "operate-recovery-approve",
    Left("recovery.proved", actor="olga", details={"proof": "operator", "reason": REASON}),
    Left("recovery.complete", actor="olga", details={"ready": ...}),
)
def approve(mailbox: Mailbox) -> Act:
    olga = browser_of(cast().olga)
    recovery = begun_by_mail(mailbox)
    return lambda: olga.post(f"/operate/recoveries/{recovery.pk}/approve/", {"reason": REASON})


@leaves("operate-recovery-stop", Left("recovery.stopped", actor="olga", details={"stopped_by": "olga"}))
def stop_any(mailbox: Mailbox) -> Act:
    olga = browser_of(cast().olga)
    recovery = begun_by_mail(mailbox)
    return lambda: olga.post(f"/operate/recoveries/{recovery.pk}/stop/")
