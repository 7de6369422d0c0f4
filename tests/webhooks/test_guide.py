"""The lines of the guide that check a signature do."""

import re
from pathlib import Path
from typing import Any

from strongroom.kernel import clock
from strongroom.webhooks import signing

GUIDE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def test_the_lines_in_the_guide_tell_what_is_genuine() -> None:
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    scope: dict[str, Any] = {}
    exec(found[1], scope)
    is_genuine = scope["is_genuine"]
    secret, before, body = signing.new_secret(), signing.new_secret(), b'{"type": "webhook.test"}'
    now = int(clock.timestamp())
    signature = signing.signature([secret, before], message="evt_1", timestamp=now, body=body)
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(now), "webhook-signature": signature}
    assert is_genuine(secret, headers, body)
    assert is_genuine(before, headers, body)
    assert not is_genuine(signing.new_secret(), headers, body)
    assert not is_genuine(secret, headers, body + b" ")
    assert not is_genuine(secret, headers | {"webhook-id": "evt_2"}, body)
    assert not is_genuine(secret, headers | {"webhook-timestamp": str(now - 1)}, body)
    old = signing.signature([secret], message="evt_1", timestamp=now - 3600, body=body)
    stale = headers | {"webhook-timestamp": str(now - 3600), "webhook-signature": old}
    assert not is_genuine(secret, stale, body)
