"""Passwords: what is accepted as one, and whether one is right. The only door to password hashing."""

import threading
import unicodedata
from functools import cache
from os import cpu_count

from django.contrib.auth import hashers
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

from strongroom.accounts import breached, epoch
from strongroom.accounts.events import PasswordChanged
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import random_secret

MIN_LENGTH = 8
MAX_LENGTH = 4096  # characters; argon2 takes more, a form need not
_SCORED_LENGTH = 72  # zxcvbn takes quadratic time and more; what follows can only make the password stronger
_MIN_SCORE = 2  # of 4: "protects from unthrottled online attacks"

# Each hash takes 19 MiB and a core for some 20 ms: as many at once as there are cores, the rest wait (RL-10).
_hashing = threading.BoundedSemaphore(cpu_count() or 1)


def is_right(user: User | None, password: str) -> bool:
    """Whether ``password`` is the user's. For no user it takes as long and answers no, so as to tell nothing."""
    encoded = user.password if user is not None else _decoy()
    try:
        normalized = normalize(password)
    except Refused:
        return False
    with _hashing:
        return hashers.check_password(normalized, encoded) and user is not None


def normalize(password: str) -> str:
    """NFKC, so that every keyboard spells it alike; raises ``Refused`` (``password_malformed``, ``password_too_long``)."""
    if len(password) > MAX_LENGTH:
        raise Refused(
            "password_too_long",
            _("Choose a password of at most %(count)d characters.") % {"count": MAX_LENGTH},
            field="password",
        )
    if "\0" in password or not _is_unicode(password):
        raise Refused(
            "password_malformed", _("The password holds a character that is not text."), field="password"
        )
    return unicodedata.normalize("NFKC", password)


def check_new(password: str, *, about: tuple[str, ...]) -> str:
    """The normalized form of a password fit to be chosen; raises ``Refused``.

    ``about`` are words that somebody who knows the person would try first: the username, the addresses.
    Codes: ``password_malformed``, ``password_too_long``, ``password_too_short``, ``password_weak``, ``password_breached``.
    """
    normalized = normalize(password)
    if len(normalized) < MIN_LENGTH:
        raise Refused(
            "password_too_short",
            _("Choose a password of at least %(count)d characters.") % {"count": MIN_LENGTH},
            field="password",
        )
    if zxcvbn(normalized[:_SCORED_LENGTH], user_inputs=list(about))["score"] < _MIN_SCORE:
        raise Refused(
            "password_weak",
            _("This password is easy to guess. Choose a longer one, such as four unrelated words."),
            field="password",
        )
    if breached.is_known(normalized):
        raise Refused(
            "password_breached",
            _("This password stands in a list of stolen passwords. Choose one that you use nowhere else."),
            field="password",
        )
    return normalized


def encode(normalized: str) -> str:
    """The hash to store for a password that ``check_new`` returned."""
    with _hashing:
        return hashers.make_password(normalized)


def prepare(user: User, password: str) -> str:
    """The hash of a new password for ``user``, made before the transaction that stores it.

    Raises ``Refused`` as ``check_new`` does, and ``password_unchanged``.
    """
    if is_right(user, password):
        raise Refused(
            "password_unchanged", _("Choose a password that differs from the present one."), field="password"
        )
    return encode(check_new(password, about=words_about(user)))


def store(user: User, encoded: str, *, by: Actor) -> int:
    """Store what ``prepare`` returned and move the epoch, in the caller's transaction; returns the new epoch."""
    User.objects.filter(pk=user.pk).update(password=encoded)
    trail.record(PasswordChanged(subject_id=user.pk), by=by)
    return epoch.bump(user.pk)


def words_about(user: User) -> tuple[str, ...]:
    """The username and addresses of ``user``: the first guesses."""
    return (user.username, *user.addresses.values_list("address", flat=True))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


def warm_up() -> None:
    """Make the decoy before the first stranger asks, so that not even that answer takes longer than others (LT-19)."""
    _decoy()


@cache
def _decoy() -> str:
    """A hash of the same cost as real ones, of a password that nobody knows."""
    return encode(random_secret())
