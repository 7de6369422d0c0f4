"""The digests of all files of a project, those that were deleted too."""

from django.utils.translation import gettext as _
from packaging.utils import is_normalized_name

from strongroom.artifacts import filename
from strongroom.kernel.names import MAX_PROJECT_NAME, NormalizedName, normalize
from strongroom.kernel.refused import Refused
from strongroom.projects.models import TakenFilename
from strongroom.projects.releases import key_of


def of(name: str, *, version: str = "") -> tuple[NormalizedName, tuple[str, ...]]:
    """The normalized name of a project, and the SHA-256 of each file that it has or had, of all versions or of one.

    Raises ``Refused``: ``files_unknown`` where there never was one.
    """
    project = normalize(name)
    taken = TakenFilename.objects.filter(project=project) if is_normalized_name(project) else ()
    digests = {row.sha256 for row in taken if not version or _is_of(row.published_as, version)}
    if not digests:
        raise Refused(
            "files_unknown",
            _("There is no file of “%(name)s”. Check the name and the version.")
            % {"name": f"{project[:MAX_PROJECT_NAME]} {version[:80]}".strip()},
            field="version" if version else "project",
        )
    return project, tuple(sorted(digests))


def _is_of(published_as: str, version: str) -> bool:
    return key_of(str(filename.parse(published_as).version)) == key_of(version)
