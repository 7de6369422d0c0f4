"""A User-Agent in words."""

import pytest

from strongroom.web.clients import describe


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("something-else/1.0", "something-else"),
        ("", "Unknown client"),
        ("evil.example: log in there", "Unknown client"),  # mails show it, too
        ("Call 555-0100 now", "Call"),
        ("a" * 100, "Unknown client"),
    ],
)
def test_a_user_agent_is_told_in_words(client: str, words: str) -> None:
    assert describe(client) == words
