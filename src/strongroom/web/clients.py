"""What a ``User-Agent`` says in words that its owner recognizes. A claim of the client's, good for nothing else."""

from django.utils.translation import gettext as _

# In this order: most browsers also name those that they descend from.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("twine/", "twine"),
    ("uv/", "uv"),
    ("python-httpx/", "httpx"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def describe(client: str) -> str:
    """Such as "Firefox on Linux"; for what is not known, its own first word."""
    browser = next(
        (name for sign, name in _BROWSERS if sign in client), client.split("/", maxsplit=1)[0].strip()[:40]
    )
    system = next((name for sign, name in _SYSTEMS if sign in client), "")
    if not browser:
        return _("Unknown client")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser
