"""Which second factors an account has, taken together."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, QuerySet

from strongroom.audit import trail
from strongroom.factors import keys, recovery_codes
from strongroom.factors.events import TwoFactorReset
from strongroom.factors.models import RecoveryCode, SecurityKey, Totp, TotpEnrollment
from strongroom.kernel.actor import Actor
from strongroom.prepared.query import Query, Row

PASSWORD = "password"  # noqa: S105  (a method's name)
RECOVERY = "recovery"
TOTP = "totp"
KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """What an account can answer with besides its password: numbers of security keys, authenticator apps and codes."""

    keys: int
    apps: int
    codes_left: int
    codes_acknowledged: bool

    @property
    def any(self) -> bool:
        """Whether signing in takes a second factor. Recovery codes alone are none."""
        return bool(self.keys or self.apps)

    @property
    def is_on(self) -> bool:
        """Whether two-factor counts as on: there is a factor, and a way back in when it is lost (WR-44)."""
        return self.any and self.codes_acknowledged

    @property
    def strongest(self) -> str:
        """``key``, ``totp`` or ``password``. Keys that the site has switched off are asked for only if all else lacks."""
        if self.keys and (keys.are_offered() or not self.apps):
            return KEY
        return TOTP if self.apps else PASSWORD


def of(user_id: int) -> Methods:
    """The methods of a user."""
    codes = recovery_codes.state(user_id)
    return Methods(
        keys=(_KEYS.first(user_id=user_id) or (0,))[0],
        apps=(_APPS.first(user_id=user_id) or (0,))[0],
        codes_left=codes.left,
        codes_acknowledged=codes.acknowledged,
    )


def older_than(user_id: int, moment: datetime) -> Methods:
    """The methods that a user had before ``moment``; recovery codes as they are now."""
    now = of(user_id)
    return replace(
        now,
        keys=SecurityKey.objects.filter(user_id=user_id, created__lt=moment).count(),
        apps=Totp.objects.filter(user_id=user_id, created__lt=moment).count(),
    )


def has_any(user_id: int) -> bool:
    """Whether the account has a second factor."""
    return of(user_id).any


def tidy(user_id: int) -> None:
    """Delete recovery codes that stand for nothing, after the last factor has gone; in the caller's transaction."""
    if not has_any(user_id):
        RecoveryCode.objects.filter(user_id=user_id).delete()


def remove_all(user_id: int, *, by: Actor) -> int:
    """Remove every second factor and recovery code, in the caller's transaction; returns how many factors there were."""
    count = Totp.objects.filter(user_id=user_id).delete()[0]
    count += SecurityKey.objects.filter(user_id=user_id).delete()[0]
    TotpEnrollment.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.filter(user_id=user_id).delete()
    trail.record(TwoFactorReset(subject_id=user_id, count=count), by=by)
    return count


def _keys(user_id: int) -> QuerySet[SecurityKey, Row]:
    per_user = SecurityKey.objects.filter(user_id=user_id).values("user_id")
    return per_user.annotate(count=Count("pk")).values_list("count")


def _apps(user_id: int) -> QuerySet[Totp, Row]:
    per_user = Totp.objects.filter(user_id=user_id).values("user_id")
    return per_user.annotate(count=Count("pk")).values_list("count")


_KEYS = Query(_keys, user_id=int)
_APPS = Query(_apps, user_id=int)
