"""What is recorded about second factors."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import Event, Personal, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpAdded(Event):
    """An authenticator app was added to an account."""

    tag: ClassVar[str] = "factor.totp_added"
    sentence: ClassVar[Sentence] = _("%(actor)s added the authenticator app “%(name)s”")
    refused: ClassVar[Sentence] = _("%(actor)s tried to add an authenticator app and was refused")
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpRemoved(Event):
    """An authenticator app was removed from an account."""

    tag: ClassVar[str] = "factor.totp_removed"
    sentence: ClassVar[Sentence] = _("%(actor)s removed the authenticator app “%(name)s”")
    refused: ClassVar[Sentence] = _("%(actor)s tried to remove an authenticator app and was refused")
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAdded(Event):
    """A security key or passkey was added to an account."""

    tag: ClassVar[str] = "factor.key_added"
    sentence: ClassVar[Sentence] = _("%(actor)s added the security key “%(name)s”")
    refused: ClassVar[Sentence] = _("%(actor)s tried to add a security key and was refused")
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRenamed(Event):
    """A security key was given another name."""

    tag: ClassVar[str] = "factor.key_renamed"
    sentence: ClassVar[Sentence] = _("%(actor)s renamed the security key “%(before)s” to “%(name)s”")
    refused: ClassVar[Sentence] = _("%(actor)s tried to rename a security key and was refused")
    name: Personal
    before: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRemoved(Event):
    """A security key or passkey was removed from an account."""

    tag: ClassVar[str] = "factor.key_removed"
    sentence: ClassVar[Sentence] = _("%(actor)s removed the security key “%(name)s”")
    refused: ClassVar[Sentence] = _("%(actor)s tried to remove a security key and was refused")
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCopied(Event):
    """A security key answered with a count that it had passed already, as a copy of it does; it was refused."""

    tag: ClassVar[str] = "factor.key_copied"
    sentence: ClassVar[Sentence] = _(
        "The security key “%(name)s” of %(subject)s answered as a copy of it would, and was refused"
    )
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesMade(Event):
    """Recovery codes were made; earlier ones are void."""

    tag: ClassVar[str] = "factor.codes_made"
    sentence: ClassVar[Sentence] = _("%(actor)s made new recovery codes; earlier ones are void")
    refused: ClassVar[Sentence] = _("%(actor)s tried to make recovery codes and was refused")
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesAcknowledged(Event):
    """A recovery code was typed back, which shows that they were kept."""

    tag: ClassVar[str] = "factor.codes_acknowledged"
    sentence: ClassVar[Sentence] = _("%(actor)s typed a recovery code back: the codes are kept")
    refused: ClassVar[Sentence] = _("%(actor)s typed something else back than a recovery code")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeUsed(Event):
    """A recovery code was used up; ``left`` remain."""

    tag: ClassVar[str] = "factor.code_used"
    sentence: ClassVar[Sentence] = _("%(actor)s used a recovery code of %(subject)s; codes left: %(left)s")
    own: ClassVar[Sentence] = _("%(actor)s used a recovery code; codes left: %(left)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried a wrong recovery code of %(subject)s")
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoFactorReset(Event):
    """All second factors of an account were removed, at the end of a recovery."""

    tag: ClassVar[str] = "factor.all_removed"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s removed all second factors of %(subject)s, at the end of a recovery"
    )
    count: int
