"""The addresses that webhooks are sent to: which may be kept, and what may be shown of them."""

from typing import Final, NoReturn
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from strongroom.kernel.outward import Failure, Outward, Unsent, networks
from strongroom.kernel.refused import Refused

_MOST_SHOWN: Final = 200  # characters
_LONG: Final = 16  # a longer part of a path may be a secret: several services put theirs there


def outward() -> Outward:
    """The way out that the configuration allows."""
    return Outward(networks=networks(settings.CONFIG.audit.webhook_networks))


def check(url: str) -> str:
    """The address without blanks around it; its name is looked up at each delivery, not now. Raises ``Refused``.

    Codes: ``webhook_address_invalid``, ``webhook_port_refused``, ``webhook_https_required``, ``webhook_address_private``.
    """
    url = url.strip()
    try:
        outward().check(url)
    except Unsent as error:
        _refuse(error.failure)
    return url


def shown(url: str) -> str:
    """What events, mails and logs show of an address: scheme, host and path, and of long parts of the path the beginning.

    Nothing of what is no URL.
    """
    try:
        parts = urlsplit(url.strip() if url.isprintable() else "")
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    path = "/".join(_short(part) for part in parts.path.split("/"))
    return f"{parts.scheme}://{host}{path}"[:_MOST_SHOWN] if host else ""


def _short(part: str) -> str:
    return part if len(part) <= _LONG else f"{part[:4]}…"


def _refuse(failure: Failure) -> NoReturn:
    if failure is Failure.PORT_REFUSED:
        raise Refused(
            "webhook_port_refused",
            _("Webhooks are sent to port 443 or to one from 1024 on. Choose another port."),
            field="url",
        )
    if failure is Failure.HTTPS_REQUIRED:
        raise Refused(
            "webhook_https_required", _("The address must begin with https://. Correct it."), field="url"
        )
    if failure is Failure.ADDRESS_PRIVATE:
        raise Refused(
            "webhook_address_private",
            _(
                "Webhooks are not sent to private addresses, unless the operators of this site allow their network. "
                "Choose another address."
            ),
            field="url",
        )
    raise Refused(
        "webhook_address_invalid",
        _("This is not an address to send to. Write one such as https://hooks.example.org/path, in ASCII."),
        field="url",
    )
