"""What a ``User-Agent`` says. A claim of the client's, good for telling people their own browsers apart and nothing else."""

import re

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
_WORD = re.compile(r"[A-Za-z0-9_+-]{1,40}(?=[/ ]|$)")


def parse(client: str) -> tuple[str, str]:
    """Browser and system, such as ``("Firefox", "Linux")``; either may be empty.

    Of a browser that is not known it is the first word, at most 40 characters: mails show it, and are to hold no
    sentence and no address that a stranger has written.
    """
    word = _WORD.match(client)
    browser = next((name for sign, name in _BROWSERS if sign in client), word[0] if word else "")
    return browser, next((name for sign, name in _SYSTEMS if sign in client), "")


def family(client: str) -> str:
    """Browser and system in one word that stays the same across versions, such as ``Firefox/Linux``; empty where neither is known."""
    found = parse(client)
    return "/".join(found) if any(found) else ""


def name(client: str) -> str:
    """Browser and system for people, in no language: ``Firefox (Linux)``; ``?`` where nothing is known."""
    browser, system = parse(client)
    return f"{browser or '?'} ({system})" if system else browser or "?"
