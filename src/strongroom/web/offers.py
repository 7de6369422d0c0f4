"""Which ways a page offers to prove who one is: one is asked for, the others are one link away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.factors import keys
from strongroom.factors.methods import KEY, PASSWORD, RECOVERY, TOTP, Methods


@dataclass(frozen=True, slots=True)
class Way:
    """Another way, and the address where it is asked for."""

    text: str
    url: str


def of(methods: Methods) -> list[str]:
    """Every way to answer with a second factor, the strongest first. Keys are left out where the site has them off."""
    offered = [
        method
        for method, there in (
            (KEY, methods.keys and keys.are_offered()),
            (TOTP, methods.apps),
            (RECOVERY, methods.codes_left),
        )
        if there
    ]
    return offered or [methods.strongest]


def at_step_up(methods: Methods, *, takes_recovery_codes: bool) -> list[str]:
    """The strongest way alone; where a recovery code is enough for what comes next, that one, too (SU-02)."""
    with_code = takes_recovery_codes and methods.any and methods.codes_left
    return [methods.strongest, RECOVERY] if with_code else [methods.strongest]


def chosen(request: HttpRequest, offered: Sequence[str]) -> str:
    """The way that the request asks for, where it is offered; else the first."""
    wanted = request.POST.get("with") or request.GET.get("with") or ""
    return wanted if wanted in offered else offered[0]


def others(offered: Sequence[str], method: str, *, url: Callable[[str], str]) -> list[Way]:
    """Links to the ways that are offered beside ``method``."""
    return [Way(_text(other), url(other)) for other in offered if other != method]


def links_to(route: str, **query: str) -> Callable[[str], str]:
    """The address of each way on the page named ``route``, which ``query`` goes along with."""
    kept = {name: value for name, value in query.items() if value}
    return lambda method: f"{reverse(route)}?{urlencode({'with': method, **kept})}"


def _text(method: str) -> str:
    return {
        KEY: _("Use a security key"),
        TOTP: _("Use an authenticator app"),
        RECOVERY: _("Use a recovery code"),
        PASSWORD: _("Use your password"),
    }[method]
