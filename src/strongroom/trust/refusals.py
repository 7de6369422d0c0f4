"""What whoever comes with an identity token is told when it is of no publisher."""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from strongroom.kernel.refused import Refused
from strongroom.trust.kinds import rules

LEGACY_CODES: Final[Mapping[str, str]] = {
    "trusted_publishing_off": "not-enabled",
    "identity_malformed": "invalid-payload",
    "identity_issuer_unknown": "invalid-payload",
    "identity_reused": "invalid-reuse-token",
    "publisher_claim": "invalid-publisher",
    "publisher_environment": "invalid-publisher",
    "publisher_event": "invalid-publisher",
    "publisher_projects_too_many": "invalid-publisher",
    "publisher_ref": "invalid-publisher",
    "publisher_renamed": "invalid-publisher",
    "publisher_resurrected": "invalid-publisher",
    "publisher_suspended": "invalid-publisher",
    "publisher_unknown": "invalid-publisher",
    "publisher_workflow": "invalid-publisher",
    "account_disabled": "invalid-pending-publisher",
    "account_frozen": "invalid-pending-publisher",
    "email_unverified": "invalid-pending-publisher",
    "pending_publisher_ambiguous": "invalid-pending-publisher",
    "pending_publisher_void": "invalid-pending-publisher",
    "project_name_too_similar": "invalid-pending-publisher",
}
"""What PyPI calls each of our codes in its answers; the rest are ``LEGACY_DEFAULT``."""

LEGACY_DEFAULT: Final = "invalid-token"


def refusal_for(code: str) -> Refused:
    """The refusal for what ``matching.reason`` or ``noticing`` found."""
    return _REFUSALS[code]()


def _unknown() -> Refused:
    return Refused(
        "publisher_unknown",
        _(
            "No publisher of this index fits what the identity token says. The publishing page of the project can show why."
        ),
    )


def _event() -> Refused:
    return Refused(
        "publisher_event",
        _(
            "Nothing is published from a run that was started like this one, as others than the maintainers may start it. Publish from a push, a release or a run started by hand."
        ),
    )


def _workflow() -> Refused:
    return Refused(
        "publisher_workflow",
        _("The identity token is of another workflow file than the publisher names, or of another ref."),
    )


def _environment() -> Refused:
    return Refused(
        "publisher_environment",
        _("The publisher asks for an environment, spelled exactly so. Run the job in that environment."),
    )


def _ref() -> Refused:
    return Refused("publisher_ref", _("The publisher takes other branches or tags than the one of this run."))


def _claim() -> Refused:
    return Refused(
        "publisher_claim",
        _(
            "The identity token lacks a claim that the publisher or this index asks for, or it says another thing."
        ),
    )


def _renamed() -> Refused:
    return Refused(
        "publisher_renamed",
        _(
            "The publisher knows this identity under another name: it was renamed or transferred. An owner of the project can confirm it under its new name, or add it anew."
        ),
    )


def _resurrected() -> Refused:
    return Refused(
        "publisher_resurrected",
        _(
            "The names are those that the publisher asks for, the ids are not: somebody else has taken the names, or they were made anew. An owner of the project can confirm the publisher."
        ),
    )


def _suspended() -> Refused:
    return Refused(
        "publisher_suspended",
        _(
            "The account that added this publisher is frozen or disabled. Another owner of the project can confirm the publisher."
        ),
    )


def _ambiguous() -> Refused:
    return Refused(
        "pending_publisher_ambiguous",
        _(
            "Several people have announced this project for this very identity, so that nobody can tell whose it is to be. Make the project with an API token, and add the publisher to it then."
        ),
    )


_REFUSALS: Mapping[str, Callable[[], Refused]] = {
    rules.UNKNOWN: _unknown,
    rules.EVENT: _event,
    rules.WORKFLOW: _workflow,
    rules.ENVIRONMENT: _environment,
    rules.REF: _ref,
    rules.CLAIM: _claim,
    rules.RENAMED: _renamed,
    rules.RESURRECTED: _resurrected,
    rules.SUSPENDED: _suspended,
    rules.AMBIGUOUS: _ambiguous,
}
