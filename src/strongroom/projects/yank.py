"""Yanking (PEP 592): installers pass over a file that is yanked, unless somebody asks for exactly its version.

It can be undone, and nothing is lost by it: pages go on to list the file, and downloads go on to work.
"""

from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from packaging.utils import is_normalized_name
from packaging.version import InvalidVersion, Version

from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.kernel.names import MAX_PROJECT_NAME, normalize
from strongroom.kernel.refused import Refused
from strongroom.projects import journal
from strongroom.projects.claim import Claim
from strongroom.projects.events import ReleaseUnyanked, ReleaseYanked
from strongroom.projects.models import MAX_FILENAME, MAX_VERSION, File, Project, Release
from strongroom.projects.releases import key_of, preference

MAX_REASON: Final = 300
"""Characters: installers print them in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody asks for: to yank a release of ``project``, or to undo that (``yanked=False``).

    ``filename`` names one of its files; ``""`` stands for all. ``reason`` may be empty.
    """

    project: str
    version: str
    filename: str = ""
    reason: str = ""
    yanked: bool = True

    @property
    def mark(self) -> str | None:
        """What the files hold once it is done (see ``File.yanked``)."""
        return self.reason if self.yanked else None

    @property
    def action(self) -> str:
        """What the journal calls it."""
        return f"{'yank' if self.yanked else 'unyank'} {'file' if self.filename else 'release'}"


@dataclass(frozen=True, slots=True)
class Target:
    """The release that an order is about, and those of its files that it is for."""

    release: Release
    files: list[File]


def require_sound(order: Order) -> None:
    """Raises ``Refused`` (``yank_reason_invalid``) for a reason that installers cannot print: too long, or not plain text."""
    if len(order.reason) > MAX_REASON or not order.reason.isprintable():
        raise Refused(
            "yank_reason_invalid",
            _("A reason is one line of at most %(count)d characters.") % {"count": MAX_REASON},
            field="reason",
        )


def target_of(project_id: int, order: Order) -> Target:
    """What the order is about; raises ``Refused``: ``release_unknown``, ``file_unknown``."""
    release = _release(project_id, order.version)
    files = list(File.objects.filter(release=release).order_by("filename"))
    if order.filename:
        files = [file for file in files if file.filename == order.filename]
    if not files:
        raise Refused(
            "file_unknown",
            _("This release has no such file. Look at its page for their names."),
            field="filename",
        )
    return Target(release, files)


def carry_out(order: Order, target: Target, *, held: Claim, by: Actor) -> int | None:
    """Mark the files, in the transaction that holds the project; returns the serial of the journal row.

    ``None`` where all of them are marked so already: then nothing was written.
    """
    rows = File.objects.filter(pk__in=[file.pk for file in target.files])
    rows = rows.exclude(yanked=order.reason) if order.yanked else rows.filter(yanked__isnull=False)
    if not rows.update(yanked=order.mark):
        return None
    _show_latest(held)
    version = target.release.version
    trail.record(event_of(order, project=held.normalized, version=version, user_id=by.user_id), by=by)
    return journal.append(held.normalized, order.action, version=version, filename=order.filename, by=by)


def event_of(
    order: Order, *, project: str, version: str, user_id: int | None
) -> ReleaseYanked | ReleaseUnyanked:
    """What the audit trail holds of it, whether it is done or refused; texts from outside are cut to what rows hold."""
    normalized = normalize(project)
    named = normalized[:MAX_PROJECT_NAME] if is_normalized_name(normalized) else ""
    version, filename = version[:MAX_VERSION], order.filename[:MAX_FILENAME]
    if not order.yanked:
        return ReleaseUnyanked(subject_id=user_id, project=named, version=version, filename=filename)
    reason = order.reason[:MAX_REASON]
    return ReleaseYanked(subject_id=user_id, project=named, version=version, filename=filename, reason=reason)


def _release(project_id: int, version: str) -> Release:
    """What cannot be a version is not asked for: PostgreSQL takes no NUL."""
    try:
        key = key_of(str(Version(version[: MAX_VERSION + 1])))
    except InvalidVersion:
        key = ""
    release = (
        Release.objects.filter(project_id=project_id, key=key).defer("metadata", "description_html").first()
    )
    if release is None:
        raise Refused("release_unknown", _("The project has no such release."), field="version")
    return release


def _show_latest(held: Claim) -> None:
    """Visitors first see a release that has something to install, whatever is yanked."""
    offers = Exists(File.objects.filter(release=OuterRef("pk"), yanked=None))
    rows = Release.objects.filter(project_id=held.project_id).annotate(offers=offers)
    releases = rows.values_list("offers", "version", "summary")
    _offers, version, summary = max(releases, key=lambda row: (row[0], preference(row[1])))
    if version != held.latest_version:
        Project.objects.filter(pk=held.project_id).update(latest_version=version, summary=summary)
