"""How many wrong passwords and codes are looked at."""

from django.db import transaction

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.names import normalize_username
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.signin.events import CodeEntryLocked
from strongroom.signin.notices import CodeEntryWasLocked
from strongroom.throttle.limits import Limit, address_block, forget, spend

_FOR_EVER = 100 * 365 * 24 * 3600

# Passwords. Per account and address, so that a stranger elsewhere does not lock the owner out; and in all.
_PASSWORD_HERE = Limit("password-here", count=10, seconds=300)
_PASSWORD_ADDRESS = Limit("password-address", count=50, seconds=300)
_PASSWORD_ACCOUNT = Limit("password-account", count=100, seconds=3600)

# Codes of one account's authenticator apps: no other factor is touched by this lock. NIST SP 800-63B §5.2.2 allows
# 100 failures in a row, whatever the time between them.
_CODE = (Limit("totp", count=10, seconds=300), Limit("totp-day", count=50, seconds=24 * 3600))
_CODE_ROW = Limit("totp-row", count=100, seconds=_FOR_EVER)
_TOLD = Limit("totp-told", count=1, seconds=24 * 3600)


def spend_password(login: str, *, by: Actor) -> None:
    """Spend an attempt at the password of ``login``, known or not; raises ``Refused`` (``too_many_attempts``)."""
    account, address = normalize_username(login), address_block(by.origin.address)
    spend(address, _PASSWORD_ADDRESS)
    spend(f"{account}\n{address}", _PASSWORD_HERE)
    spend(account, _PASSWORD_ACCOUNT)


def password_was_right(login: str, *, by: Actor) -> None:
    """Give the account's attempts back; the address keeps its count, whoever signs in from it (RL-07)."""
    account, address = normalize_username(login), address_block(by.origin.address)
    forget(f"{account}\n{address}", _PASSWORD_HERE)
    forget(account, _PASSWORD_ACCOUNT)


def spend_code(user: User, *, by: Actor) -> None:
    """Spend an attempt at a code; raises ``Refused`` (``too_many_attempts``) and, at first, tells the owner."""
    try:
        spend(str(user.pk), *_CODE, _CODE_ROW)
    except Refused:
        _tell_once(user, by=by)
        raise


def code_was_right(user: User) -> None:
    """Begin counting wrong codes anew."""
    forget(str(user.pk), _CODE_ROW)


def _tell_once(user: User, *, by: Actor) -> None:
    try:
        spend(str(user.pk), _TOLD)
    except Refused:
        return
    with transaction.atomic():
        trail.record(CodeEntryLocked(subject_id=user.pk), by=by)
        queue.send(CodeEntryWasLocked(when=clock.now()), to=emails.recipient(user))
