"""The form to make an API token, filled in."""

from typing import Any

TOKEN = "/manage/account/token/"
REAUTHENTICATE = "/account/reauthenticate/"
DIGEST = "a1" * 32
EVERYTHING: dict[str, Any] = {
    "name": "Build server",
    "scope": "some",
    "projects": ["strong-box", "vault"],
    "patterns": "acme-*, Other.Name",
    "actions": ["upload", "yank"],
    "expires": "2030-05-31",
    "not_before": "2030-05-01",
    "networks": "192.0.2.0/24 2001:db8::1",
    "uses": "3",
    "version": "v1.0",
    "sha256": f"sha256:{DIGEST}\n{'B2' * 32}  dist/a.whl",
}


def form(**changes: Any) -> dict[str, Any]:
    """A token for uploads to everything, for ever, but for ``changes``."""
    return {"name": "Laptop", "scope": "all", "actions": ["upload"], **changes}
