"""entry_points.txt: the scripts that installers write into ``bin`` on everybody's machine."""

import configparser
import re
from typing import Final

from strongroom.artifacts.refusals import quoted, refusal

_SCRIPTS: Final = ("console_scripts", "gui_scripts")
# The name becomes a file's name: no separator, no "..", no line break (UP-19).
_SCRIPT_NAME: Final = re.compile(r"(?!\.+\Z)[\w.-]+")
# The value becomes source text of that file: a dotted module, a dotted object, perhaps extras.
_OBJECT: Final = re.compile(r"[\w.]+\s*:\s*[\w.]+\s*(?:\[[\w\s,.-]*\])?")


def check_entry_points(content: bytes) -> None:
    """Refuse (``wheel_entry_points``) unless ``content`` is INI in UTF-8 as the entry points specification has it."""
    parser = configparser.RawConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    try:
        parser.read_string(content.decode("utf-8"))
    except (UnicodeDecodeError, configparser.Error):
        raise refusal(
            "wheel_entry_points", "entry_points.txt is not an INI file in UTF-8. Build the wheel again."
        ) from None
    for section in _SCRIPTS:
        for name, value in parser.items(section) if parser.has_section(section) else ():
            if not _SCRIPT_NAME.fullmatch(name):
                raise _bad_script(name, "may consist of letters, digits, '_', '.' and '-' alone")
            if not _OBJECT.fullmatch(value):
                raise _bad_script(name, "must stand for an object such as demo.main:run")


def _bad_script(name: str, why: str) -> Exception:
    return refusal("wheel_entry_points", f"The script {quoted(name)} in entry_points.txt {why}.")
