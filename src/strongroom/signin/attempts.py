"""How many wrong answers are looked at, and who is told."""

from django.db import transaction

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.factors.methods import KEY, RECOVERY, TOTP
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.notices.notice import Notice
from strongroom.signin.events import CodeEntryLocked
from strongroom.signin.notices import CodeEntryWasLocked, WrongCodesAfterPassword
from strongroom.throttle.limits import IN_A_ROW, Limit, address_block, forget, spend

_FOR_EVER = 100 * 365 * 24 * 3600
_DAY = 24 * 3600

# Each method has limits of its own, so that who guesses at one locks nobody out of the others (LT-13). NIST SP 800-63B
# §5.2.2 allows 100 failures in a row, whatever the time between them.
_LIMITS = {
    TOTP: (Limit("totp", count=10, seconds=300), Limit("totp-day", count=50, seconds=_DAY)),
    RECOVERY: (Limit("recovery", count=10, seconds=300), Limit("recovery-day", count=50, seconds=_DAY)),
}
_IN_A_ROW = {
    TOTP: Limit(f"totp{IN_A_ROW}", count=100, seconds=_FOR_EVER),
    RECOVERY: Limit(f"recovery{IN_A_ROW}", count=100, seconds=_FOR_EVER),
}
# An answer of a key cannot be guessed: this is for the work, and per address, so that nobody wears it out for the owner.
_KEY_ANSWERS = Limit("key", count=60, seconds=300)
_SUSPICIOUS = Limit("wrong-codes", count=4, seconds=_DAY)
_TOLD_OF_WRONG = Limit("wrong-codes-told", count=1, seconds=_DAY)
_TOLD_OF_LOCK = Limit("totp-told", count=1, seconds=_DAY)


def spend_answer(user: User, method: str, *, by: Actor) -> None:
    """Spend an attempt at answering with ``method``; raises ``Refused`` (``too_many_attempts``).

    The owner hears of the fifth in a day that is not followed by a right one, and of the lock: somebody knows their
    password.
    """
    if method == KEY:
        spend(f"{user.pk}\n{address_block(by.origin.address)}", _KEY_ANSWERS)
        return
    try:
        spend(str(user.pk), *_LIMITS[method], _IN_A_ROW[method])
    except Refused:
        _tell_once(user, CodeEntryWasLocked(when=clock.now()), _TOLD_OF_LOCK, by=by)
        raise
    _watch(user, by=by)


def answer_was_right(user: User, method: str) -> None:
    """Begin counting wrong answers of this method anew; those of others stay counted (RL-02)."""
    if method in _IN_A_ROW:
        forget(str(user.pk), _SUSPICIOUS, _IN_A_ROW[method])


def factor_is_new(user_id: int, method: str) -> None:
    """Begin counting anew for what has replaced a factor that was guessed at too often (NIST SP 800-63B §5.2.2).

    What is left of the day's guesses stays as it is.
    """
    forget(str(user_id), _IN_A_ROW[method])


def _watch(user: User, *, by: Actor) -> None:
    try:
        spend(str(user.pk), _SUSPICIOUS)
    except Refused:
        notice = WrongCodesAfterPassword(when=clock.now(), address=by.origin.address)
        _tell_once(user, notice, _TOLD_OF_WRONG, by=by)


def _tell_once(user: User, notice: Notice, limit: Limit, *, by: Actor) -> None:
    try:
        spend(str(user.pk), limit)
    except Refused:
        return
    with transaction.atomic():
        if isinstance(notice, CodeEntryWasLocked):
            trail.record(CodeEntryLocked(subject_id=user.pk), by=by)
        queue.send(notice, to=emails.recipient(user))
