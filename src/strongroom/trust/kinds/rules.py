"""Rules: what a claim must say, and what was found of it.

A claim is a text or it says nothing: null, lists, numbers and texts with control characters hold for no rule (TP-29).
Names are compared without regard to case only where their provider does so, and then in ASCII alone: there are letters
beyond it that turn into ASCII ones when their case changes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Claims = Mapping[str, object]
MAX_SHOWN = 200  # characters of a claim that are shown or recorded

UNKNOWN = "publisher_unknown"
EVENT = "publisher_event"
WORKFLOW = "publisher_workflow"
ENVIRONMENT = "publisher_environment"
REF = "publisher_ref"
CLAIM = "publisher_claim"
RESURRECTED = "publisher_resurrected"
RENAMED = "publisher_renamed"
SUSPENDED = "publisher_suspended"
AMBIGUOUS = "pending_publisher_ambiguous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found: the claim, what is wanted of it and what it says, both for people's eyes.

    ``code`` is the reason code where it is not ``ok``; ``publisher_unknown`` where the token is of another name
    altogether.
    """

    claim: str
    wanted: str
    found: str
    ok: bool
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What the claims of a token must fulfill; ``claim`` is the one that it is about, ``wanted`` says it to people."""

    claim: str
    wanted: str
    holds: Callable[[Claims], bool]
    code: str = UNKNOWN

    def finding(self, claims: Claims) -> Finding:
        """Hold the rule against the claims."""
        ok = self.holds(claims)
        return Finding(
            claim=self.claim,
            wanted=self.wanted,
            found=shown(value_of(claims, self.claim)),
            ok=ok,
            code="" if ok else self.code,
        )


def exact(claim: str, value: str, *, code: str = UNKNOWN) -> Rule:
    """The claim is this text, letter for letter; never an empty one."""
    return Rule(claim=claim, wanted=value, holds=lambda claims: said(claims, claim) == value != "", code=code)


def same_name(claim: str, value: str, *, code: str = UNKNOWN) -> Rule:
    """The claim is this name, in any case."""
    return Rule(
        claim=claim, wanted=value, holds=lambda claims: is_same_name(said(claims, claim), value), code=code
    )


def one_of(claim: str, patterns: Iterable[str], *, code: str) -> Rule:
    """The claim is one of these texts, or begins like one that ends with ``*``."""
    listed = tuple(patterns)

    def holds(claims: Claims) -> bool:
        found = said(claims, claim)
        return found != "" and any(fits(found, pattern) for pattern in listed)

    return Rule(claim=claim, wanted=" | ".join(listed), holds=holds, code=code)


def fits(text: str, pattern: str) -> bool:
    """Whether a text is the pattern, or begins with what stands before the ``*`` at the pattern's end."""
    if pattern.endswith("*"):
        return text.startswith(pattern[:-1])
    return text == pattern


def is_same_name(found: str, value: str) -> bool:
    """Whether two names in ASCII are the same in any case; nothing is the same as an empty one."""
    return found.isascii() and value.isascii() and found.lower() == value.lower() != ""


def said(claims: Claims, claim: str) -> str:
    """What a claim says if it is a printable text, else nothing."""
    value = value_of(claims, claim)
    return value if isinstance(value, str) and value.isprintable() else ""


def value_of(claims: Claims, claim: str) -> object:
    """The value of a claim; ``kubernetes.io/serviceaccount/uid`` is a member of a member, unless there is such a claim."""
    if claim in claims:
        return claims[claim]
    value: object = claims
    for name in claim.split("/"):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def shown(value: object) -> str:
    """A claim's value for people's eyes and the audit trail: short, and without anything that forges lines."""
    if value is None:
        return ""
    text = (
        value if isinstance(value, str) else str(value) if isinstance(value, bool | int) else "(not a text)"
    )
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:MAX_SHOWN]
    )
