"""The language in which somebody is written to: the one in which they last logged in."""

from django.conf import settings
from django.utils.translation import get_language

from strongroom.accounts.models import User


def keep(user: User) -> None:
    """Write to ``user`` in the present language from now on, where this site has it."""
    spoken = get_language()
    if spoken != user.language and spoken in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=spoken)
