"""Email addresses: what is one, and when two are the same."""

from email.headerregistry import Address

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from strongroom.kernel.refused import Refused

MAX_LENGTH = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets


def check(address: str) -> tuple[str, str]:
    """The address to write to and the key under which it is one and the same; raises ``Refused`` (``email_invalid``).

    Only ASCII local parts; the domain may be an internationalized one, kept in its ASCII form (RFC 5891). The key is
    the address in lower case: nothing else is merged, ``+tag`` and dots are the mail provider's affair (EM-08).
    """
    local, at, domain = address.strip().rpartition("@")
    try:
        if not at or not local.isascii() or len(address) > MAX_LENGTH:
            raise ValueError
        if '"' in local or domain.startswith("["):
            raise ValueError
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
        validate_email(plain)
        Address(addr_spec=plain)
    except (ValidationError, ValueError, UnicodeError, IndexError):
        raise Refused(
            "email_invalid", _("Enter an email address such as alice@example.org."), field="email"
        ) from None
    return plain, plain.casefold()
