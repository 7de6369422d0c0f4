"""What is recorded about signing in."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import Event, Personal, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(Event):
    """Somebody signed in, or tried to. ``method`` says with what."""

    tag: ClassVar[str] = "session.sign_in"
    sentence: ClassVar[Sentence] = _("%(actor)s signed in")
    refused: ClassVar[Sentence] = _("%(actor)s tried to sign in as %(subject)s and was refused")
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """A session was ended by its person."""

    tag: ClassVar[str] = "session.ended"
    sentence: ClassVar[Sentence] = _("%(actor)s ended sessions: %(count)s")
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp(Event):
    """Somebody who is signed in proved it again before a sensitive act, or tried to."""

    tag: ClassVar[str] = "session.step_up"
    sentence: ClassVar[Sentence] = _("%(actor)s proved again who they are")
    refused: ClassVar[Sentence] = _("%(actor)s tried to prove again who they are and was refused")
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(Event):
    """Somebody used a reset link to choose a new password, or tried to."""

    tag: ClassVar[str] = "account.password_reset"
    sentence: ClassVar[Sentence] = _("%(actor)s chose a new password for %(subject)s through a mailed link")
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to choose a new password for %(subject)s through a mailed link and was refused"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntryLocked(Event):
    """Too many wrong codes: codes of this account are refused for a while, right ones too."""

    tag: ClassVar[str] = "factor.locked"
    sentence: ClassVar[Sentence] = _("Too many wrong codes: codes of %(subject)s are refused for a while")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBrowser(Event):
    """A browser became known in which somebody signed in, or finished a recovery, for the first time."""

    tag: ClassVar[str] = "session.new_browser"
    sentence: ClassVar[Sentence] = _("%(actor)s made a new browser known to the account of %(subject)s")
    own: ClassVar[Sentence] = _("%(actor)s signed in, from a new browser")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationAsked(Event):
    """A sign-in from a new browser was right so far and waits for a mailed link."""

    tag: ClassVar[str] = "session.confirmation_asked"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s asked to sign in as %(subject)s from a new browser: the sign-in waits for a mailed link"
    )
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserRemembered(Event):
    """A browser was allowed to leave the second factor out for 30 days."""

    tag: ClassVar[str] = "browser.remembered"
    sentence: ClassVar[Sentence] = _("%(actor)s had a browser remembered for 30 days")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserForgotten(Event):
    """Browsers were forgotten: signing in from them takes all factors again."""

    tag: ClassVar[str] = "browser.forgotten"
    sentence: ClassVar[Sentence] = _("%(actor)s had browsers of %(subject)s forgotten: %(count)s")
    own: ClassVar[Sentence] = _("%(actor)s had browsers forgotten: %(count)s")
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceApproved(Event):
    """A program on another machine, ``program`` on ``host`` by its own word, was let fetch an API token, once."""

    tag: ClassVar[str] = "device.approved"
    sentence: ClassVar[Sentence] = _("%(actor)s let the program “%(program)s” on “%(host)s” get an API token")
    refused: ClassVar[Sentence] = _("%(actor)s tried to let a program get an API token and was refused")
    program: Personal = ""
    host: Personal = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDenied(Event):
    """A program on another machine that asked for an API token was denied it."""

    tag: ClassVar[str] = "device.denied"
    sentence: ClassVar[Sentence] = _("%(actor)s denied the program “%(program)s” on “%(host)s” an API token")
    refused: ClassVar[Sentence] = _("%(actor)s tried to deny a program an API token and was refused")
    program: Personal = ""
    host: Personal = ""
