"""The WHEEL file: which version of the format, and for which tags (PEP 427)."""

from strongroom.artifacts.filename import MAX_TAGS
from strongroom.artifacts.headers import parse_headers
from strongroom.artifacts.refusals import quoted, refusal


def check_wheel_file(content: bytes, *, tags: frozenset[str]) -> None:
    """Refuse WHEEL (``wheel_file_invalid``, ``wheel_tags_mismatch``) unless installers know its version and its tags
    name the Pythons and ABIs of ``tags``, those in the file's name.

    Installers choose by the name alone. Platforms may differ, since tools that vendor binaries (Playwright's, for one)
    rename ``any`` to a platform and leave WHEEL as it was.
    """
    headers, _ = parse_headers(content, what="The WHEEL file", code="wheel_file_invalid")
    version = _one(headers.get("wheel-version"))
    # PEP 427: "A wheel installer should warn if Wheel-Version is greater than the version it supports, and must fail if
    # Wheel-Version has a greater major version than the version it supports."
    if version.partition(".")[0] != "1":
        raise _invalid(f"has Wheel-Version {quoted(version)}; it must be 1.0")
    if _one(headers.get("root-is-purelib")).lower() not in ("true", "false"):
        raise _invalid("must say once whether Root-Is-Purelib is true or false")
    found: set[str] = set()
    for value in headers.get("tag", ()):
        found |= _expanded(value.strip())
        if len(found) > MAX_TAGS:
            raise _invalid(f"stands for more than {MAX_TAGS} combinations of tags")
    if _without_platforms(found) != _without_platforms(tags):
        raise refusal(
            "wheel_tags_mismatch",
            f"The WHEEL file has the tags {_list(found)}, the file's name {_list(tags)}. "
            "Build the wheel again, or change both with 'wheel tags'.",
        )


def _without_platforms(tags: set[str] | frozenset[str]) -> set[str]:
    return {tag.rpartition("-")[0] for tag in tags}


def _expanded(tag: str) -> set[str]:
    parts = [part.split(".") for part in tag.lower().split("-")]
    if len(parts) != 3 or len(parts[0]) * len(parts[1]) * len(parts[2]) > MAX_TAGS:
        raise _invalid(f"has the tag {quoted(tag)}; one looks like py3-none-any")
    return {f"{python}-{abi}-{platform}" for python in parts[0] for abi in parts[1] for platform in parts[2]}


def _one(values: list[str] | None) -> str:
    return values[0].strip() if values and len(values) == 1 else ""


def _list(tags: set[str] | frozenset[str]) -> str:
    return quoted(" ".join(sorted(tags)) or "(none)")


def _invalid(why: str) -> Exception:
    return refusal("wheel_file_invalid", f"The WHEEL file {why}. Build the wheel again with a current tool.")
