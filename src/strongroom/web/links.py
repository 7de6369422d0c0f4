"""Links: the secret of a mailed one, which is in the address of its page and in the form there; and contacts."""

from django.http import HttpRequest

_LONGEST = 200  # characters; what is longer is no secret of ours


def secret_in(request: HttpRequest) -> str:
    """The secret that the request holds; empty where there is none that could be ours."""
    token = request.POST.get("token") or request.GET.get("token") or ""
    return token if len(token) <= _LONGEST and "\0" not in token else ""


def contact_link(contact: str) -> str:
    """An address that can be followed: https as it is, an email address as mailto."""
    return f"mailto:{contact}" if "@" in contact and ":" not in contact else contact
