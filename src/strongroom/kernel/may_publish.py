"""What may publish: the ladder on which configuration, operators, projects and accounts each choose a rung."""

from enum import StrEnum


class MayPublish(StrEnum):
    """From everything to the least; each rung holds those that follow it."""

    PASSWORDS = "passwords"
    """Username and password, API tokens and trusted publishers."""
    TOKENS = "tokens"
    """API tokens and trusted publishers."""
    TRUSTED = "trusted"
    """Trusted publishers alone."""


_LADDER = tuple(MayPublish)


def strictest(*levels: str) -> MayPublish:
    """The level at which all of them agree, the strictest; raises ``ValueError`` for what is none."""
    return max((MayPublish(level) for level in levels), key=_LADDER.index)


def laxer_than(level: str) -> tuple[MayPublish, ...]:
    """The levels that let more publish than ``level`` does; raises ``ValueError`` for what is none."""
    return _LADDER[: _LADDER.index(MayPublish(level))]
