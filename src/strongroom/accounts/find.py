"""Looking people up."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from strongroom.accounts.models import EmailAddress, User
from strongroom.kernel.names import normalize_username
from strongroom.kernel.refused import Refused
from strongroom.prepared.fetch import Fetch


def by_username(username: str) -> User | None:
    """The user of that name, in any case."""
    return _BY_NAME.first(key=normalize_username(username))


def id_of(username: str) -> int | None:
    """The number of the user of that name, in any case."""
    user = by_username(username)
    return user.pk if user is not None else None


def by_id(user_id: int) -> User:
    """The user of that number; raises ``Refused`` (``account_unknown``) where the account was deleted meanwhile."""
    return _there(_BY_ID.first(pk=user_id))


def locked(user_id: int) -> User:
    """The same under lock: nobody else changes or deletes the row until the caller's transaction ends."""
    return _there(_LOCKED.first(pk=user_id))


def locked_if_there(user: User | None) -> User | None:
    """The same for one who may be nobody, or have been deleted just now; the work is the same for all of them (D17)."""
    return _LOCKED.first(pk=user.pk if user else 0)


def by_login(login: str) -> User | None:
    """The user whose name or verified address is ``login``; what has an ``@`` is an address."""
    if "@" not in login:
        return by_username(login)
    row = EmailAddress.objects.filter(key=login.strip().casefold(), verified__isnull=False)
    if address := row.select_related("user").first():
        return address.user
    return None


def listed(part: str, *, limit: int) -> list[User]:
    """The newest accounts whose username holds ``part`` (any case; empty: all), for operators; at most ``limit``."""
    rows = (
        User.objects.filter(username_key__contains=normalize_username(part)) if part else User.objects.all()
    )
    return list(rows.order_by("-created", "-pk")[:limit])


def count() -> int:
    """How many accounts there are."""
    return User.objects.count()


def gone() -> Refused:
    """The refusal for an account that was deleted meanwhile."""
    return Refused("account_unknown", _("There is no such account any more."))


def _there(user: User | None) -> User:
    if user is None:
        raise gone()
    return user


def _by_id(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


def _by_name(key: str) -> QuerySet[User]:
    return User.objects.filter(username_key=key)


def _locked(pk: int) -> QuerySet[User]:
    return User.objects.select_for_update().filter(pk=pk)


_BY_ID = Fetch(User, _by_id, pk=int)
_BY_NAME = Fetch(User, _by_name, key=str)
_LOCKED = Fetch(User, _locked, pk=int)
