"""The authentication epoch: one number whose change ends everything that was signed in before (design, D3)."""

from django.db.models import F

from strongroom.accounts.models import User


def bump(user_id: int) -> int:
    """End all sessions, sign-in tickets and mail links of a user, in the caller's transaction; returns the new epoch."""
    User.objects.filter(pk=user_id).update(auth_epoch=F("auth_epoch") + 1)
    return User.objects.values_list("auth_epoch", flat=True).get(pk=user_id)
