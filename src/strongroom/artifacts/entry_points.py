"""entry_points.txt: the scripts that installers write into ``bin`` on everybody's machine.

The specification says INI as ``configparser`` reads it; pip reads it line by line (``importlib.metadata``). Where the two
see different scripts (continued lines, ``;`` comments, a DEFAULT section), the file is refused.
"""

import re
from typing import Final

from strongroom.artifacts.refusals import quoted, refusal

_SCRIPTS: Final = frozenset(["console_scripts", "gui_scripts"])
_SECTION: Final = re.compile(r"\[([^\[\]]+)\]")
# The name becomes a file's name: no separator, no "..", no line break (UP-19).
_SCRIPT_NAME: Final = re.compile(r"(?!\.+\Z)[\w.-]+")
# The value becomes source text of that file: a dotted module, a dotted object, perhaps extras.
_OBJECT: Final = re.compile(r"[\w.]+[ \t]*:[ \t]*[\w.]+[ \t]*(?:\[[\w\t ,.-]*\])?")


def check_entry_points(content: bytes) -> None:
    """Refuse (``wheel_entry_points``) unless ``content`` is UTF-8 and every reader finds the same, safe scripts in it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _invalid("is not in UTF-8") from None
    sections: dict[str, set[str]] = {}
    section, names = "", None
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        header = _SECTION.fullmatch(stripped)
        if header:
            section = header[1]
            if section in sections or section == "DEFAULT":
                raise _invalid(f"has the section {quoted(section)} where it must not")
            names = sections[section] = set()
        elif names is None:
            raise _invalid(f"begins with {quoted(stripped)} instead of a section")
        else:
            _check_entry(stripped, names, is_script=section in _SCRIPTS)


def _check_entry(line: str, names: set[str], *, is_script: bool) -> None:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not name or not equals or name in names:
        raise _invalid(
            f"has the line {quoted(line)}, which is not 'name = object', or the name for the second time"
        )
    names.add(name)
    if is_script and not _SCRIPT_NAME.fullmatch(name):
        raise _invalid(f"names a script {quoted(name)}; letters, digits, '_', '.' and '-' are allowed")
    if is_script and not _OBJECT.fullmatch(value):
        raise _invalid(f"has {quoted(value)} for a script; it must be an object such as demo.main:run")


def _invalid(why: str) -> Exception:
    return refusal("wheel_entry_points", f"entry_points.txt {why}. Correct it and build the wheel again.")
