"""What is kept of a ``User-Agent``."""

import pytest

from strongroom.kernel import user_agent


@pytest.mark.parametrize(
    ("client", "family"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox/Linux"),
        ("uv/0.9.1", "uv/"),
        ("(Windows)", "/Windows"),
        ("", ""),
        ("???", ""),
    ],
)
def test_a_family_stays_the_same_across_versions_and_is_empty_where_nothing_is_known(
    client: str, family: str
) -> None:
    assert user_agent.family(client) == family
