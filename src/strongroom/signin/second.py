"""Answering with a second factor: at sign-in, before a sensitive act, at a password reset. The one place that weighs it.

Two steps, because of what must outlive a refusal. ``check`` comes before the transaction of the effect: it spends an
attempt, uses the key's challenge up and moves its count. ``accept`` comes inside: it uses the code up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.factors import keys, recovery_codes, totp
from strongroom.factors.keys import Question
from strongroom.factors.methods import KEY, RECOVERY, TOTP
from strongroom.factors.models import SecurityKey
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.signin import attempts
from strongroom.signin.notices import KeyWasCopied, RecoveryCodeWasUsed
from strongroom.signin.proof import Proof
from strongroom.throttle.limits import Limit, spend

_TOLD_OF_COPY = Limit("key-copied-told", count=1, seconds=24 * 3600)

METHODS = (KEY, TOTP, RECOVERY)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answers with: the ``method`` and its ``text``, a typed code or the JSON of a key's assertion."""

    method: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer that ``check`` let through; not used up yet, unless it is a key's."""

    user: User
    answer: Answer
    key: SecurityKey | None


def check(user: User, answer: Answer, question: Question, *, by: Actor) -> Checked:
    """Spend an attempt and, for a key, verify its answer to ``question``; call it outside of a transaction.

    Raises ``Refused``: ``method_unknown``, ``too_many_attempts``, and for keys what ``factors.keys.verify`` raises.
    """
    if answer.method not in METHODS:
        raise Refused("method_unknown", _("Choose one of the ways that this page offers."))
    attempts.spend_answer(user, answer.method, by=by)
    if answer.method != KEY:
        return Checked(user, answer, None)
    with telling_of_copies(by=by):
        return Checked(user, answer, keys.verify(answer.text, question))


def accept(checked: Checked, *, by: Actor) -> Proof:
    """Use the answer up, in the transaction of its effect.

    Raises ``Refused``: what ``factors.totp.verify`` and ``factors.recovery_codes.use`` raise.
    """
    user, answer = checked.user, checked.answer
    if checked.key is not None:
        return Proof(KEY, checked.key.created)
    if answer.method == TOTP:
        return Proof(TOTP, totp.verify(user.pk, answer.text).created)
    left = recovery_codes.use(user.pk, answer.text, by=by)
    notice = RecoveryCodeWasUsed(left=left, address=by.origin.address, when=clock.now())
    queue.send(notice, to=emails.recipient(user))
    return Proof(RECOVERY)


def was_right(checked: Checked) -> None:
    """Begin counting wrong answers of this method anew; call it after the transaction."""
    attempts.answer_was_right(checked.user, checked.answer.method)


@contextmanager
def telling_of_copies(*, by: Actor) -> Iterator[None]:
    """Flag the key, and tell its owner, where the block finds that somebody has a copy of it (WA-33)."""
    try:
        yield
    except keys.Copied as copied:
        with transaction.atomic():
            keys.flag(copied.key, by=by)
            _tell_of_copy(copied.key, by=by)
        raise


def _tell_of_copy(key: SecurityKey, *, by: Actor) -> None:
    """Once a day for each key: whoever has a copy can try it again and again."""
    try:
        spend(str(key.pk), _TOLD_OF_COPY)
    except Refused:
        return
    notice = KeyWasCopied(name=key.name, address=by.origin.address, when=clock.now())
    queue.send(notice, to=emails.recipient(key.user))
