"""One-time messages, such as "You are logged out.", in a cookie of this instance alone."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


class Cookies(CookieStorage):
    """Django's signed cookie, under this instance's own name."""

    cookie_name = settings.MESSAGES_COOKIE
