"""The audit trail in plain sentences, for the person whom it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.web.levels import title_of

# One for each event's tag; an event's own fields fill the places.
SENTENCES: Mapping[str, Promise | str] = {
    "account.created": gettext_lazy("The account was created."),
    "account.operator_made": gettext_lazy("The account became an operator of this site."),
    "account.disabled": gettext_lazy("An operator disabled the account."),
    "account.enabled": gettext_lazy("An operator enabled the account again."),
    "account.frozen": gettext_lazy(
        "Somebody answered a mail with “this was not me”: everything was stopped and the account frozen."
    ),
    "account.thawed": gettext_lazy("The freeze of the account was undone."),
    "account.password_changed": gettext_lazy("The password was changed."),
    "account.password_reset": gettext_lazy("A new password was chosen through a mailed link."),
    "account.password_reset_requested": gettext_lazy("A link to reset the password was asked for."),
    "account.publishing_switched": gettext_lazy("What may publish with the account was chosen: %(level)s."),
    "email.added": gettext_lazy("The address %(address)s was added."),
    "email.verified": gettext_lazy("The address %(address)s was verified."),
    "email.removed": gettext_lazy("The address %(address)s was removed."),
    "email.primary_changed": gettext_lazy("%(address)s became the primary address."),
    "email.primary_change_undone": gettext_lazy(
        "%(address)s became the primary address again, by the link that was mailed to it."
    ),
    "factor.totp_added": gettext_lazy("The authenticator app “%(name)s” was added."),
    "factor.totp_removed": gettext_lazy("The authenticator app “%(name)s” was removed."),
    "factor.key_added": gettext_lazy("The security key “%(name)s” was added."),
    "factor.key_renamed": gettext_lazy("The security key “%(before)s” was renamed to “%(name)s”."),
    "factor.key_removed": gettext_lazy("The security key “%(name)s” was removed."),
    "factor.key_copied": gettext_lazy(
        "The security key “%(name)s” answered as a copy of it would, and was refused."
    ),
    "factor.codes_made": gettext_lazy("New recovery codes were made; earlier ones are void."),
    "factor.codes_acknowledged": gettext_lazy("A recovery code was typed back: the codes are kept."),
    "factor.code_used": gettext_lazy("A recovery code was used. Codes left: %(left)s."),
    "factor.all_removed": gettext_lazy("All second factors were removed, at the end of a recovery."),
    "factor.locked": gettext_lazy("Too many wrong codes: codes were refused for a while."),
    "session.sign_in": gettext_lazy("Signed in."),
    "session.new_browser": gettext_lazy("Signed in from a new browser."),
    "session.confirmation_asked": gettext_lazy(
        "A sign-in from a new browser waited for the link that we mailed."
    ),
    "session.ended": gettext_lazy("A session was ended."),
    "session.step_up": gettext_lazy("Proved again who is signed in."),
    "device.approved": gettext_lazy("A program was let fetch an API token: %(program)s."),
    "device.denied": gettext_lazy("A program that asked for an API token was denied it: %(program)s."),
    "browser.remembered": gettext_lazy("A browser was remembered for 30 days."),
    "browser.forgotten": gettext_lazy("Browsers were forgotten: logging in there takes every factor again."),
    "recovery.requested": gettext_lazy("A link to begin a recovery was asked for."),
    "recovery.begun": gettext_lazy("A recovery began: somebody says that every second factor is lost."),
    "recovery.proved": gettext_lazy("A recovery got one of its two proofs."),
    "recovery.complete": gettext_lazy("A recovery has its two proofs; its wait began."),
    "recovery.stopped": gettext_lazy("A recovery was stopped by %(stopped_by)s."),
    "recovery.finished": gettext_lazy("A recovery finished: a new password; factors and tokens are gone."),
    "recovery.expired": gettext_lazy("A recovery expired."),
    "token.made": gettext_lazy("The API token “%(name)s” was made."),
    "token.minted": gettext_lazy("The trusted publisher %(publisher)s got an API token for 15 minutes."),
    "token.revoked": gettext_lazy("The API token “%(name)s” was revoked."),
    "token.new_network": gettext_lazy(
        "The API token “%(name)s” was used from a network from which it never came before: %(network)s."
    ),
    "project.created": gettext_lazy("The project %(name)s was created."),
    "file.uploaded": gettext_lazy("%(filename)s was published."),
    "publisher.refused": gettext_lazy("Somebody tried to publish and was refused."),
    "issuer.added": gettext_lazy("The identity provider %(name)s (%(url)s) was added."),
    "issuer.removed": gettext_lazy("The identity provider %(name)s (%(url)s) was removed."),
    "publisher.added": gettext_lazy("The trusted publisher %(publisher)s was added."),
    "publisher.removed": gettext_lazy("The trusted publisher %(publisher)s was removed."),
    "publisher.confirmed": gettext_lazy("The trusted publisher %(publisher)s was confirmed."),
    "publisher.noticed": gettext_lazy(
        "A token was refused that seemed to be of the trusted publisher %(publisher)s."
    ),
    "publisher.constrained": gettext_lazy(
        "The trusted publisher %(publisher)s was made to publish from the environment %(environment)s alone."
    ),
    "publisher.pending_added": gettext_lazy("A pending publisher for %(name)s was added: %(publisher)s."),
    "publisher.pending_removed": gettext_lazy("The pending publisher for %(name)s is gone."),
    "identity.exchanged": gettext_lazy("The trusted publisher %(publisher)s got a token for 15 minutes."),
    "release.yanked": gettext_lazy("Yanked: %(project)s %(version)s %(filename)s"),
    "release.unyanked": gettext_lazy("Yanked no longer: %(project)s %(version)s %(filename)s"),
    "project.publishing_switched": gettext_lazy(
        "What may publish in the project %(project)s was chosen: %(level)s."
    ),
    "uploads.publishing_switched": gettext_lazy("What may publish was chosen for everybody: %(level)s."),
}

# For attempts that were refused, where the event needs words of its own.
REFUSED: Mapping[str, Promise | str] = {
    "session.sign_in": gettext_lazy("Somebody tried to sign in and was refused."),
    "session.step_up": gettext_lazy("Proving again who is signed in was refused."),
    "account.password_changed": gettext_lazy("Changing the password was refused."),
    "account.password_reset": gettext_lazy("Somebody tried to choose a new password and was refused."),
    "account.frozen": gettext_lazy("Somebody tried to freeze the account and was refused."),
    "account.thawed": gettext_lazy("Undoing the freeze of the account was refused."),
    "factor.totp_added": gettext_lazy("Adding an authenticator app was refused."),
    "factor.totp_removed": gettext_lazy("Removing an authenticator app was refused."),
    "factor.key_added": gettext_lazy("Adding a security key was refused."),
    "factor.key_renamed": gettext_lazy("Renaming a security key was refused."),
    "factor.key_removed": gettext_lazy("Removing a security key was refused."),
    "factor.codes_made": gettext_lazy("Making recovery codes was refused."),
    "factor.codes_acknowledged": gettext_lazy("Something else was typed back than a recovery code."),
    "factor.code_used": gettext_lazy("A wrong recovery code was refused."),
    "recovery.proved": gettext_lazy("Somebody tried to give a recovery a proof and was refused."),
    "recovery.stopped": gettext_lazy("Somebody tried to stop a recovery and was refused."),
    "recovery.finished": gettext_lazy("Somebody tried to finish a recovery and was refused."),
    "file.uploaded": gettext_lazy("A file was refused: %(filename)s."),
    "publisher.refused": gettext_lazy("Somebody tried to publish and was refused."),
    "identity.exchanged": gettext_lazy("An identity token was refused."),
    "release.yanked": gettext_lazy("Yanking %(project)s %(version)s was refused."),
    "release.unyanked": gettext_lazy("Undoing that %(project)s %(version)s is yanked was refused."),
}

# For events of which some fields say why.
BECAUSE: Mapping[tuple[str, str], Promise | str] = {
    ("token.revoked", "held"): gettext_lazy("The API token “%(name)s” was revoked by somebody who held it."),
    ("token.revoked", "leaked"): gettext_lazy(
        "The API token “%(name)s” was found where others could read it, and was revoked."
    ),
    ("publisher.noticed", "renamed"): gettext_lazy(
        "A token of what the trusted publisher %(publisher)s stands for was refused: it has another name now."
    ),
    ("publisher.noticed", "resurrected"): gettext_lazy(
        "A token with the names of the trusted publisher %(publisher)s was refused: its ids are others."
    ),
    ("publisher.confirmed", "renamed"): gettext_lazy(
        "The trusted publisher %(before)s was confirmed under its new name: %(publisher)s."
    ),
    ("publisher.pending_removed", "removed"): gettext_lazy("The pending publisher for %(name)s was removed."),
    ("publisher.pending_removed", "taken"): gettext_lazy(
        "The pending publisher for %(name)s is void: the name is another's now."
    ),
    ("publisher.pending_removed", "expired"): gettext_lazy("The pending publisher for %(name)s expired."),
}

_OTHER = gettext_lazy("Something else happened (%(tag)s).")
_OTHER_REFUSAL = gettext_lazy("An attempt was refused (%(tag)s).")


@dataclass(frozen=True, slots=True)
class Line:
    """One event: what, when, from which address and client, and whether it was refused."""

    sentence: str
    time: datetime
    address: str
    client: str
    refused: bool


def about(user: User, *, limit: int) -> list[Line]:
    """The newest events about ``user``, newest first."""
    return [_line(entry) for entry in Entry.objects.filter(subject_id=user.pk).order_by("-serial")[:limit]]


def _line(entry: Entry) -> Line:
    refused = entry.outcome == "refused"
    return Line(_sentence(entry, refused=refused), entry.time, entry.address, entry.client, refused)


def _sentence(entry: Entry, *, refused: bool) -> str:
    values = {**entry.details, "project": entry.project, "tag": entry.tag}
    values["level"] = title_of(values.get("level", ""))
    if refused:
        sentence = REFUSED.get(entry.tag, _OTHER_REFUSAL)
    else:
        sentence = BECAUSE.get((entry.tag, str(values.get("why")))) or SENTENCES.get(entry.tag, _OTHER)
    return str(sentence) % values
