"""Would you get back in? What an account would still have if a thing were lost."""

from dataclasses import dataclass
from enum import StrEnum

from strongroom.factors import keys, methods, recovery_codes, totp
from strongroom.factors.models import SecurityKey

FEW_CODES = 2  # so many are left: time for new ones


class Advice(StrEnum):
    """What to do next, the most useful first."""

    ADD_FACTOR = "add_factor"
    MAKE_CODES = "make_codes"
    KEEP_CODES = "keep_codes"
    RENEW_CODES = "renew_codes"
    ADD_KEY = "add_key"
    ADD_SECOND_FACTOR = "add_second_factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Whether its owner could still log in after losing a phone, a laptop, or a security key; and what to add.

    ``score`` counts the losses survived, of three.
    """

    phone: bool
    laptop: bool
    key: bool
    advice: tuple[Advice, ...]

    @property
    def score(self) -> int:
        """0 to 3."""
        return self.phone + self.laptop + self.key


@dataclass(frozen=True, slots=True)
class _Held:
    """Where factors live: on phones, in computers, on keys one carries, or where no loss of a thing reaches them."""

    phone: int
    laptop: int
    carried: int
    elsewhere: int

    def without(self, *lost: str) -> int:
        kept = {"phone": self.phone, "laptop": self.laptop, "carried": self.carried}
        return self.elsewhere + sum(count for place, count in kept.items() if place not in lost)


def assess(user_id: int) -> Assessment:
    """Look at the factors of a user, and take the worst case: all apps on one phone, all built-in keys in one laptop."""
    own, apps, codes = _usable_keys(user_id), len(totp.of(user_id)), recovery_codes.state(user_id)
    has_factor = methods.has_any(user_id)  # keys, too, where they are switched off: they still guard
    kept = codes.left if codes.acknowledged else 0
    held = _Held(
        phone=apps,
        laptop=sum(_is_built_in(key) for key in own),
        carried=sum(_is_carried(key) for key in own),
        elsewhere=kept + sum(key.backed_up for key in own),
    )
    survives_key = held.without() - (1 if held.carried else 0) > 0  # keys are lost one at a time
    return Assessment(
        phone=not has_factor or held.without("phone") > 0,
        laptop=not has_factor or held.without("laptop") > 0,
        key=not has_factor or survives_key,
        advice=_advice(own, apps=apps, codes=codes) if has_factor else (Advice.ADD_FACTOR,),
    )


def _usable_keys(user_id: int) -> list[SecurityKey]:
    return keys.of(user_id) if keys.are_offered() else []


def _is_carried(key: SecurityKey) -> bool:
    return not key.backed_up and not _is_built_in(key)


def _is_built_in(key: SecurityKey) -> bool:
    return not key.backed_up and (key.attachment == "platform" or key.transports == ["internal"])


def _advice(own: list[SecurityKey], *, apps: int, codes: recovery_codes.State) -> tuple[Advice, ...]:
    asked = {
        Advice.MAKE_CODES: codes.made is None,
        Advice.KEEP_CODES: codes.made is not None and not codes.acknowledged,
        Advice.RENEW_CODES: codes.acknowledged and codes.left <= FEW_CODES,
        Advice.ADD_KEY: not own and keys.are_offered(),
        Advice.ADD_SECOND_FACTOR: len(own) + apps < 2,
    }
    return tuple(advice for advice, holds in asked.items() if holds)
