"""What is recorded about the trail itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import Event, Personal, Sentence
from strongroom.audit.proof import redactions


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryExported(Event):
    """Somebody took a copy of a history: that of their ``account``, of a ``project``, or of ``everything`` (``scope``).

    ``format`` is ``csv`` or ``jsonl``, ``filters`` what they looked for, as they typed it, ``count`` how many events there
    were, or about how many where it is not ``exact``.
    """

    tag: ClassVar[str] = "audit.exported"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s took a copy of the audit trail of the whole site with %(count)s events"
    )
    because: ClassVar[Mapping[str, Sentence]] = {
        "account": _("%(actor)s downloaded a copy of their security history with %(count)s events"),
        "project": _(
            "%(actor)s downloaded a copy of the history of the project %(project)s with %(count)s events"
        ),
    }
    turns_on: ClassVar[str] = "scope"
    scope: str
    format: str
    filters: Personal = ""
    count: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesAged(Event):
    """Parts of entries from before ``before`` (RFC 3339, UTC) were redacted, because they were old.

    ``parts`` are some of ``origin`` (address and client), ``person`` (names and addresses), ``context`` (how the author was
    known) and ``body`` (all else); ``kind`` is the kind of the events, empty for all.
    """

    tag: ClassVar[str] = redactions.AGED
    sentence: ClassVar[Sentence] = _(
        "%(actor)s forgot details of events from before %(before)s, as they are old"
    )
    parts: tuple[str, ...]
    before: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased(Event):
    """What the history said of the person of an account that was deleted is redacted: names, addresses and clients."""

    tag: ClassVar[str] = redactions.ERASED
    sentence: ClassVar[Sentence] = _("%(actor)s erased the personal data of %(subject)s from the history")


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadsAsked(Event):
    """Somebody asked who had downloaded files of a private site, and got ``count`` rows.

    They asked for the files with these ``digests`` (SHA-256, at most 50 are named here) or these ``filenames`` (likewise), or
    for those of a project, of all versions or one; from ``since`` until before ``until`` (RFC 3339, UTC).
    """

    tag: ClassVar[str] = "audit.downloads_asked"
    sentence: ClassVar[Sentence] = _("%(actor)s asked who downloaded files between %(since)s and %(until)s")
    digests: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    version: str = ""
    since: str
    until: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationStarted(Event):
    """A server was started: its version, its database, and the settings that are not as they come.

    ``settings`` holds values of an allow-list; ``fingerprints`` all other settings, each with a keyed digest of its value;
    ``changed`` the names of those that were others at the last start: if there are any, ``why`` says ``changed``.
    """

    tag: ClassVar[str] = "configuration.started"
    sentence: ClassVar[Sentence] = _("%(actor)s started with Strongroom %(version)s on %(database)s")
    because: ClassVar[Mapping[str, Sentence]] = {
        "changed": _(
            "%(actor)s started with Strongroom %(version)s on %(database)s; settings changed: %(changed)s"
        ),
    }
    version: str
    database: str
    settings: dict[str, Any]
    fingerprints: dict[str, str]
    changed: list[str]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustRootUpdated(Event):
    """The roots of trust for attestations were replaced; ``sha256`` of the new file, ``before`` of the one until then."""

    tag: ClassVar[str] = "trust_root.updated"
    sentence: ClassVar[Sentence] = _("%(actor)s replaced the roots of trust for attestations")
    sha256: str
    before: str
