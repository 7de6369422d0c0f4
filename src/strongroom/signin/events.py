"""What is recorded about signing in."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(Event):
    """Somebody signed in, or tried to. ``method`` says with what."""

    tag: ClassVar[str] = "session.sign_in"
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """A session was ended by its person."""

    tag: ClassVar[str] = "session.ended"
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp(Event):
    """Somebody who is signed in proved it again before a sensitive act, or tried to."""

    tag: ClassVar[str] = "session.step_up"
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(Event):
    """Somebody used a reset link to choose a new password, or tried to."""

    tag: ClassVar[str] = "account.password_reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntryLocked(Event):
    """Too many wrong codes: codes of this account are refused for a while, right ones too."""

    tag: ClassVar[str] = "factor.locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBrowser(Event):
    """Somebody signed in from a browser in which they never had."""

    tag: ClassVar[str] = "session.new_browser"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationAsked(Event):
    """A sign-in from a new browser was right so far and waits for a mailed link."""

    tag: ClassVar[str] = "session.confirmation_asked"
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserRemembered(Event):
    """A browser was allowed to leave the second factor out for 30 days."""

    tag: ClassVar[str] = "browser.remembered"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserForgotten(Event):
    """Browsers were forgotten: signing in from them takes all factors again."""

    tag: ClassVar[str] = "browser.forgotten"
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceApproved(Event):
    """A program on another machine, ``program`` on ``host`` by its own word, was let fetch an API token, once."""

    tag: ClassVar[str] = "device.approved"
    program: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDenied(Event):
    """A program on another machine that asked for an API token was denied it."""

    tag: ClassVar[str] = "device.denied"
    program: str
    host: str
