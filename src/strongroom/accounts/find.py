"""Looking people up."""

from strongroom.accounts.models import EmailAddress, User
from strongroom.kernel.names import normalize_username


def by_username(username: str) -> User | None:
    """The user of that name, in any case."""
    return User.objects.filter(username_key=normalize_username(username)).first()


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
