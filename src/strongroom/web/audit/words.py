"""Kinds of events and events in plain words, to choose from."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.audit import event, known
from strongroom.audit.event import Event

Options = list[tuple[str, str]]

KINDS: Final[Mapping[str, Promise]] = {
    "account": gettext_lazy("Accounts and passwords"),
    "audit": gettext_lazy("The audit trail itself"),
    "browser": gettext_lazy("Remembered browsers"),
    "configuration": gettext_lazy("Configuration"),
    "device": gettext_lazy("Programs that ask for a token"),
    "email": gettext_lazy("Email addresses"),
    "event": gettext_lazy("“This was not me”"),
    "factor": gettext_lazy("Two-factor sign-in"),
    "file": gettext_lazy("Files"),
    "identity": gettext_lazy("Identity tokens"),
    "issuer": gettext_lazy("Identity providers"),
    "project": gettext_lazy("Projects"),
    "publisher": gettext_lazy("Trusted publishers"),
    "recovery": gettext_lazy("Recoveries"),
    "release": gettext_lazy("Releases"),
    "role": gettext_lazy("Roles"),
    "session": gettext_lazy("Logging in"),
    "setup": gettext_lazy("Setting up this site"),
    "token": gettext_lazy("API tokens"),
    "trust_root": gettext_lazy("Trust roots"),
    "uploads": gettext_lazy("Uploads"),
    "webhook": gettext_lazy("Webhooks"),
}

METHODS: Final[Mapping[str, Promise]] = {
    "password": gettext_lazy("password"),
    "password+totp": gettext_lazy("password and code"),
    "password+key": gettext_lazy("password and security key"),
    "password+recovery": gettext_lazy("password and recovery code"),
    "password+remembered": gettext_lazy("password, in a remembered browser"),
    "passkey": gettext_lazy("passkey"),
    "token": gettext_lazy("API token"),
    "trusted-publisher": gettext_lazy("trusted publishing"),
    "signature": gettext_lazy("the signature of a service that looks for leaks"),
    "shell": gettext_lazy("the command line of the machine"),
}


def method(authenticated: str) -> str:
    """How somebody had proved who they are, in words."""
    return str(METHODS.get(authenticated, authenticated))


def choices() -> list[tuple[str, str | Options]]:
    """What can have happened: anything, or a kind as a whole, or one event of it; a group for each kind, by its words."""
    tags = sorted(event.kinds())
    kinds = sorted({known.kind_of(tag) for tag in tags}, key=kind_in_words)
    groups: list[tuple[str, str | Options]] = [("", _("Anything"))]
    for kind in kinds:
        of_kind = [(tag, in_words(tag)) for tag in tags if known.kind_of(tag) == kind]
        whole = (kind, _("%(kind)s: all of it") % {"kind": kind_in_words(kind)})
        groups.append((kind_in_words(kind), [whole, *of_kind] if len(of_kind) > 1 else of_kind))
    return groups


def kind_in_words(kind: str) -> str:
    """What events of a kind are about."""
    return str(KINDS.get(kind, kind.replace("_", " ").capitalize()))


def in_words(tag: str) -> str:
    """The sentence of an event without its author, and with gaps for what differs from one to the next."""
    found: type[Event] | None = event.kinds().get(tag)
    if found is None:
        return tag
    gaps: defaultdict[str, str] = defaultdict(lambda: "…", actor="", tag=tag)
    said = " ".join((str(found.own or found.sentence) % gaps).split())
    return said[:1].upper() + said[1:]
