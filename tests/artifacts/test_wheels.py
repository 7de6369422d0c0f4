"""What a wheel must hold, and what it may not."""

from pathlib import Path

import pytest

from strongroom.artifacts.facts import Facts
from strongroom.artifacts.inspect import inspect
from strongroom.artifacts.limits import Limits
from tests.artifacts.building import build_wheel, core_metadata, wheel_file, wheel_members, zip_bytes
from tests.artifacts.refusing import refusal_of


def test_a_wheel_tells_its_facts(tmp_path: Path) -> None:
    wheel = build_wheel(
        tmp_path,
        name="Demo.Tools",
        version="1.0rc1",
        tag="cp311-cp311-manylinux_2_28_x86_64",
        metadata_extra="Summary: Tools",
    )
    facts = inspect(wheel, filename=wheel.name)
    assert isinstance(facts, Facts)
    assert (facts.filename, facts.kind) == (
        "demo_tools-1.0rc1-cp311-cp311-manylinux_2_28_x86_64.whl",
        "bdist_wheel",
    )
    assert (facts.name, facts.version, facts.python_tag) == ("demo-tools", "1.0rc1", "cp311")
    assert (facts.metadata.name, facts.metadata.summary) == ("Demo.Tools", "Tools")
    assert facts.metadata_file == core_metadata("Demo.Tools", "1.0rc1", extra="Summary: Tools")


def test_the_facts_are_those_of_the_bytes_whatever_the_path_is(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, filename="upload.tmp")
    assert inspect(wheel, filename="demo-1.0-py3-none-any.whl").name == "demo"


MISMATCHED = {
    "another name": "other-1.0-py3-none-any.whl",
    "another version": "demo-1.1-py3-none-any.whl",
    "a post-release": "demo-1.0.post1-py3-none-any.whl",
    "an epoch": "demo-1!1.0-py3-none-any.whl",
}


@pytest.mark.parametrize("name", MISMATCHED)
def test_a_renamed_wheel_is_refused(tmp_path: Path, name: str) -> None:
    # UP-20, W29: what the folder inside says
    assert refusal_of(build_wheel(tmp_path), filename=MISMATCHED[name]).code == "wheel_dist_info"


@pytest.mark.parametrize(
    ("name", "version"), [("other", "1.0"), ("demo", "2.0"), ("demo-x", "1.0"), ("demo", "1.0.dev1")]
)
def test_a_wheel_whose_metadata_disagrees_with_its_name_is_refused(
    tmp_path: Path, name: str, version: str
) -> None:
    # UP-20, W29: what METADATA says
    wheel = build_wheel(tmp_path, dist_info={"METADATA": core_metadata(name, version)})
    assert refusal_of(wheel).code == "filename_mismatch"


def test_names_and_versions_agree_by_meaning(tmp_path: Path) -> None:
    # UP-43: 1.0 and 1.0.0 are one version; canonical is what METADATA says
    wheel = build_wheel(
        tmp_path,
        name="demo.tools",
        version="1.0",
        dist_info={"METADATA": core_metadata("Demo_Tools", "v1.0.0")},
    )
    facts = inspect(wheel, filename=wheel.name)
    assert (facts.name, facts.version) == ("demo-tools", "1.0.0")


@pytest.mark.parametrize("missing", ["METADATA", "WHEEL", "RECORD"])
def test_a_wheel_without_a_required_file_is_refused(tmp_path: Path, missing: str) -> None:
    assert refusal_of(build_wheel(tmp_path, dist_info={missing: None})).code == "wheel_file_missing"


def test_a_wheel_without_dist_info_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.write_bytes(zip_bytes({"demo/__init__.py": b""}))
    assert refusal_of(path).code == "wheel_dist_info"


SECOND = [
    "other-1.0.dist-info/METADATA",
    "demo-1.0.post1.dist-info/METADATA",
    "OTHER-1.0.DIST-INFO/METADATA",
    "other.dist-info",
    "demo-1.0.data/purelib/other-1.0.dist-info/METADATA",
    "demo-1.0.data/platlib/other-1.0.dist-info/METADATA",
    "demo-1.0.data/purelib/demo-1.0.dist-info/entry_points.txt",
]


@pytest.mark.parametrize("path", SECOND)
def test_a_second_distribution_in_a_wheel_is_refused(tmp_path: Path, path: str) -> None:
    # UP-17, W31
    assert refusal_of(build_wheel(tmp_path, files={path: b"Name: other\n"})).code == "wheel_dist_info"


def test_distributions_that_are_vendored_below_a_package_are_taken(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, files={"demo/_vendor/other-1.0.dist-info/METADATA": b"Name: other\n"})
    assert inspect(wheel, filename=wheel.name).name == "demo"


@pytest.mark.parametrize(
    "path",
    [
        "demo-1.0.data/evil/x",
        "demo-1.0.data/x",
        "other-1.0.data/scripts/x",
        "demo-1.1.data/scripts/x",
        "evil.data/x",
        "evil.DATA/scripts/x",
        "demo-1.0.data/PURELIB/x",
    ],
)
def test_a_data_folder_that_installers_do_not_know_is_refused(tmp_path: Path, path: str) -> None:
    # UP-17
    assert refusal_of(build_wheel(tmp_path, files={path: b""})).code == "wheel_data_folder"


@pytest.mark.parametrize("scheme", ["purelib", "platlib", "headers", "scripts", "data"])
def test_the_data_folders_of_the_specification_are_taken(tmp_path: Path, scheme: str) -> None:
    wheel = build_wheel(tmp_path, files={f"demo-1.0.data/{scheme}/x": b""})
    assert inspect(wheel, filename=wheel.name).name == "demo"


@pytest.mark.parametrize(
    "path",
    ["sitecustomize.py", "usercustomize.py", "SiteCustomize.py", "demo-1.0.data/purelib/sitecustomize.py"],
)
def test_files_that_take_over_every_python_are_refused(tmp_path: Path, path: str) -> None:
    # UP-17
    assert refusal_of(build_wheel(tmp_path, files={path: b""})).code == "wheel_startup_file"


def test_pth_files_are_taken_unless_the_limits_say_otherwise(tmp_path: Path) -> None:
    # UP-17
    for path in ("demo.pth", "demo-1.0.data/purelib/demo.PTH"):
        wheel = build_wheel(tmp_path, files={path: b"import demo\n"})
        assert inspect(wheel, filename=wheel.name).name == "demo"
        assert refusal_of(wheel, limits=Limits(pth_files=False)).code == "wheel_startup_file"
    nested = build_wheel(tmp_path, files={"demo/demo.pth": b"import demo\n"})
    assert inspect(nested, filename=nested.name, limits=Limits(pth_files=False)).name == "demo"


TAGS = {
    "other tags": wheel_file("cp311-cp311-win_amd64"),
    "no tags": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
    "a tag more": wheel_file("py2.py3-none-any"),
}


@pytest.mark.parametrize("name", TAGS)
def test_a_wheel_file_with_other_tags_than_the_name_is_refused(tmp_path: Path, name: str) -> None:
    # UP-18
    assert refusal_of(build_wheel(tmp_path, dist_info={"WHEEL": TAGS[name]})).code == "wheel_tags_mismatch"


def test_a_wheel_file_may_be_for_any_platform_where_the_name_is_for_one(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, tag="py3-none-win_amd64", dist_info={"WHEEL": wheel_file("py3-none-any")})
    assert inspect(wheel, filename=wheel.name).python_tag == "py3"


def test_compressed_tags_are_taken_in_the_wheel_file_too(tmp_path: Path) -> None:
    text = b"Wheel-Version: 1.9\nRoot-Is-Purelib: False\nTag: py2.py3-none-any\n"
    wheel = build_wheel(tmp_path, tag="py2.py3-none-any", dist_info={"WHEEL": text})
    assert inspect(wheel, filename=wheel.name).python_tag == "py2.py3"


INVALID_WHEEL_FILES = {
    "nothing": b"",
    "version 2": wheel_file().replace(b"Wheel-Version: 1.0", b"Wheel-Version: 2.0"),
    "no version": wheel_file().replace(b"Wheel-Version: 1.0\n", b""),
    "two versions": b"Wheel-Version: 1.0\n" + wheel_file(),
    "no Root-Is-Purelib": wheel_file().replace(b"Root-Is-Purelib: true\n", b""),
    "a strange Root-Is-Purelib": wheel_file().replace(b"true", b"maybe"),
    "a tag of two parts": wheel_file().replace(b"py3-none-any", b"py3-any"),
    "many tags": wheel_file().replace(b"py3-", b".".join(b"py%d" % n for n in range(300)) + b"-"),
    "not UTF-8": wheel_file().replace(b"demo 1", b"\xff"),
    "no headers": b"hello\n",
}


@pytest.mark.parametrize("name", INVALID_WHEEL_FILES)
def test_a_wheel_file_that_installers_fail_on_is_refused(tmp_path: Path, name: str) -> None:
    wheel = build_wheel(tmp_path, dist_info={"WHEEL": INVALID_WHEEL_FILES[name]})
    assert refusal_of(wheel).code == "wheel_file_invalid"


BAD_ENTRY_POINTS = {
    "a separator": "[console_scripts]\ndemo/evil = demo:main\n",
    "a backslash": "[console_scripts]\ndemo\\evil = demo:main\n",
    "a path upwards": "[gui_scripts]\n../evil = demo:main\n",
    "dots alone": "[console_scripts]\n.. = demo:main\n",
    "an absolute path": "[console_scripts]\n/bin/ls = demo:main\n",
    "a space": "[console_scripts]\nde mo = demo:main\n",
    "a continued line, which pip reads as a script": "[console_scripts]\ndemo = demo:main\n   ../evil = demo:main\n",
    "a comment to some": "[console_scripts]\n; ../evil = demo:main\n",
    "source text for the script": "[console_scripts]\ndemo = demo:main()#\n",
    "a call": "[console_scripts]\ndemo = os:system('evil')\n",
    "no object": "[console_scripts]\ndemo = demo\n",
    "nothing": "[console_scripts]\ndemo =\n",
    "no name": "[console_scripts]\n= demo:main\n",
    "no equals sign": "[demo.plugins]\ndemo\n",
    "a script twice": "[console_scripts]\ndemo = demo:main\ndemo = demo:evil\n",
    "a section twice": "[console_scripts]\na = demo:main\n[console_scripts]\nb = demo:main\n",
    "a default section": "[DEFAULT]\na = demo:main\n",
    "no section": "demo = demo:main\n",
    "an open section": "[console_scripts\ndemo = demo:main\n",
    "NUL": "[console_scripts]\nde\0mo = demo:main\n",
}


@pytest.mark.parametrize("name", BAD_ENTRY_POINTS)
def test_entry_points_that_cannot_be_installed_safely_are_refused(tmp_path: Path, name: str) -> None:
    # UP-19
    wheel = build_wheel(tmp_path, dist_info={"entry_points.txt": BAD_ENTRY_POINTS[name]})
    assert refusal_of(wheel).code == "wheel_entry_points"


def test_entry_points_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, dist_info={"entry_points.txt": b"[a]\nb = \xff:x\n"})
    assert refusal_of(wheel).code == "wheel_entry_points"


GOOD_ENTRY_POINTS = {
    "nothing": "",
    "scripts": "[console_scripts]\ndemo = demo.main:run\ndemo-2.x = demo:Main.run [extra, more]\n\n[gui_scripts]\ng=a:b\n",
    "indented, as old setuptools wrote them": "\n    [console_scripts]\n    demo = demo:main\n    # comment\n",
    "plugins of any kind": "[demo.plugins]\nany thing / at all = demo\nother = demo:x [y]\n",
    "other letters": "[console_scripts]\nd\u00e9mo = demo:main\n",
    "Windows lines": "[console_scripts]\r\ndemo = demo:main\r\n",
}


@pytest.mark.parametrize("name", GOOD_ENTRY_POINTS)
def test_entry_points_as_tools_write_them_are_taken(tmp_path: Path, name: str) -> None:
    wheel = build_wheel(tmp_path, dist_info={"entry_points.txt": GOOD_ENTRY_POINTS[name]})
    assert inspect(wheel, filename=wheel.name).name == "demo"


def test_a_license_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    extra = "License-File: LICENSE"
    absent = build_wheel(tmp_path, metadata_version="2.4", metadata_extra=extra)
    refused = refusal_of(absent)
    assert (refused.code, refused.field) == ("license_file_missing", "license_files")
    beside = build_wheel(tmp_path, metadata_version="2.4", metadata_extra=extra, dist_info={"LICENSE": b""})
    assert refusal_of(beside).code == "license_file_missing"


def test_license_files_are_found_where_the_standard_of_their_time_has_them(tmp_path: Path) -> None:
    extra = "License-File: docs/LICENSE"
    new = build_wheel(
        tmp_path, metadata_version="2.4", metadata_extra=extra, dist_info={"licenses/docs/LICENSE": b"MIT"}
    )
    assert inspect(new, filename=new.name).metadata.license_files == ("docs/LICENSE",)
    old = build_wheel(tmp_path, metadata_version="2.1", metadata_extra=extra)
    assert inspect(old, filename=old.name).metadata.license_files == ("docs/LICENSE",)


def test_every_part_of_a_wheel_is_read_even_what_nobody_parses(tmp_path: Path) -> None:
    members = wheel_members(dist_info={"RECORD.jws": b"x" * 100})
    content = bytearray(zip_bytes(members, compression=0))
    at = content.index(b"x" * 100)
    content[at] = ord("y")
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.write_bytes(content)
    assert refusal_of(path).code == "zip_corrupt"
