"""Which members an sdist has, and that its links stay inside it."""

from strongroom.artifacts.paths import Paths
from strongroom.artifacts.refusals import quoted, refusal
from strongroom.artifacts.tar_reader import Member


class Links:
    """The members of an sdist so far.

    Links are judged by their text, before anything is unpacked. That is sound because no member lies below a symlink
    (``Paths`` takes a symlink for a file), and because ``..`` stands at the beginning of a target alone: it climbs real
    folders, and what follows can only go down, through links that have been judged the same way.
    """

    def __init__(self) -> None:
        self._paths = Paths(portable=False)
        self._files: set[str] = set()
        self._has_links = False

    def add(self, member: Member) -> None:
        """Take a member whose path has been checked; raises ``Refused`` (``member_...``, ``tar_link_outside``)."""
        if member.kind == "folder":
            self._paths.add_folder(member.path)
            return
        self._paths.add_file(member.path)
        if member.kind == "symlink":
            self._has_links = True
            _check_symlink(member)
        elif member.kind == "hardlink" and member.target not in self._files:
            # It would give a second name to whatever lies there already.
            raise _outside(member, "is not a file that the sdist has had before it")
        else:
            self._files.add(member.path)

    def finish(self) -> None:
        """Once all members are there: where letter case does not count, a file could lie below a link after all."""
        if self._has_links:
            self._paths.check_portable()

    def has_file(self, path: str) -> bool:
        """Whether there is such a file or link."""
        return self._paths.has_file(path)


def _check_symlink(member: Member) -> None:
    target = member.target
    if not target or target.startswith("/") or "\\" in target or ":" in target or not target.isprintable():
        raise _outside(member, "is not a relative path")
    names = [name for name in target.split("/") if name not in ("", ".")]
    climbs = 0
    while climbs < len(names) and names[climbs] == "..":
        climbs += 1
    if ".." in names[climbs:]:
        raise _outside(member, "has '..' behind another part")
    # The path is top/a/b/link: climbing two leaves the link in the top folder, three would leave that.
    if climbs > member.path.count("/") - 1:
        raise _outside(member, "lies outside of the sdist's folder")


def _outside(member: Member, why: str) -> Exception:
    return refusal(
        "tar_link_outside",
        f"The link {quoted(member.path)} points to {quoted(member.target)}, which {why}. Replace it by a file.",
    )
