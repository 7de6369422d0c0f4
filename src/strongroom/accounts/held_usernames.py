"""Usernames of deleted accounts: nobody else ever has one, so old roles, links and habits attach to nobody (RO-11)."""

from django.conf import settings

from strongroom.accounts.models import HeldUsername
from strongroom.kernel.secrets import mac


def hold(username_key: str) -> None:
    """Keep a username from being given again, in the transaction that deletes its account."""
    HeldUsername.objects.get_or_create(digest=_digest(username_key))


def is_held(username_key: str) -> bool:
    """Whether the username was that of an account that was deleted."""
    return HeldUsername.objects.filter(digest=_digest(username_key)).exists()


def _digest(username_key: str) -> str:
    """Keyed: whoever reads the database alone cannot try names."""
    return mac(settings.KEYRING.derive("held usernames"), username_key.encode()).hex()
