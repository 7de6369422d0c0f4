"""What a ``User-Agent`` says in words that its owner recognizes."""

from django.utils.translation import gettext as _

from strongroom.kernel import user_agent


def describe(client: str) -> str:
    """Such as "Firefox on Linux"; for what is not known, its own first word."""
    browser, system = user_agent.parse(client)
    if not browser:
        return _("Unknown client")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser
