"""How many wrong passwords are looked at: one count for the sign-in page and for uploads, so that there are not two."""

from strongroom.kernel.names import normalize_username
from strongroom.throttle.limits import Limit, address_block, forget, spend_each

# Per account and address, so that a stranger elsewhere does not lock the owner out (LT-13); and in all.
_HERE = Limit("password-here", count=10, seconds=300)
_ACCOUNT = Limit("password-account", count=100, seconds=3600)

AT_SIGN_IN = Limit("password-address", count=50, seconds=300)
AT_UPLOAD = Limit("upload-password-address", count=200, seconds=300)
"""Per address, whoever signs in from it. Right passwords count too (RL-07): a release may have many files."""


def spend_password(login: str, address: str, *, per_address: Limit) -> None:
    """Spend an attempt at the password of ``login``, known or not, from an IP address, before it is evaluated.

    Raises ``Refused`` (``too_many_attempts``).
    """
    account, block = normalize_username(login), address_block(address)
    spend_each((block, per_address), (f"{account}\n{block}", _HERE), (account, _ACCOUNT))


def password_was_right(login: str, address: str) -> None:
    """Give the account's attempts back; the address keeps its count, whoever signs in from it (RL-07)."""
    account, block = normalize_username(login), address_block(address)
    forget(f"{account}\n{block}", _HERE)
    forget(account, _ACCOUNT)
