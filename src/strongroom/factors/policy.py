"""Whom this instance asks to have a second factor, and from when on."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from strongroom.kernel import clock


@dataclass(frozen=True, slots=True)
class Asked:
    """A second factor is asked for ``since`` a day (UTC), or ever; ``holds`` says whether the day has come."""

    since: date | None
    holds: bool


def asked_of(*, owns: bool) -> Asked | None:
    """What is asked of somebody, who owns projects or not; nothing where a second factor is up to them."""
    policy = settings.CONFIG.sign_in
    if policy.two_factor == "optional" or (policy.two_factor == "owners" and not owns):
        return None
    since = policy.two_factor_from
    return Asked(since, since is None or clock.now().date() >= since)
