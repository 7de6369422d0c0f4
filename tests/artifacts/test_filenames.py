"""What the name of a file must look like, before there are bytes."""

import pytest

from strongroom.artifacts.filename import canonical
from strongroom.artifacts.inspect import check_filename
from strongroom.kernel.refused import Refused
from tests.artifacts.refusing import assert_is_fit_to_show


def code_of(filename: str, *, kind: str | None = None) -> str:
    with pytest.raises(Refused) as caught:
        check_filename(filename, kind=kind)
    assert_is_fit_to_show(caught.value.message)
    return caught.value.code


INVALID = [
    "",
    ".whl",
    ".tar.gz",
    "demo",
    "../demo-1.0.tar.gz",
    "a/demo-1.0.tar.gz",
    "a\\demo-1.0.tar.gz",
    "/demo-1.0.tar.gz",
    "C:demo-1.0.tar.gz",
    "demo-1.0.tar.gz\0",
    "demo-1.0\0.tar.gz",
    "demo-1.0.tar.gz\n",
    "de\rmo-1.0.tar.gz",
    "de mo-1.0.tar.gz",
    "demo-1.0.tar.gz ",
    " demo-1.0.tar.gz",
    "demo-1.0.tar.gz.",
    ".demo-1.0.tar.gz",
    "-demo-1.0.tar.gz",
    "demo\u202e-1.0.tar.gz",
    "d\u0435mo-1.0.tar.gz",
    "demo-1.0\uff0e1.tar.gz",
    "demo-1.0-py3-none-any.whl\u200b",
    "CON",
    "demo-1.0.TAR.GZ",
    "demo-1.0-py3-none-any.WHL",
    "demo-1.0.tar.gz;x",
    'demo-1.0".tar.gz',
    "demo-1.0%2f.tar.gz",
    # UP-46: kinds that are not taken
    "demo-1.0.zip",
    "demo-1.0.tar.bz2",
    "demo-1.0.tar.xz",
    "demo-1.0.tar",
    "demo-1.0.tgz",
    "demo-1.0.egg",
    "demo-1.0.exe",
    "demo-1.0.msi",
    "demo-1.0.rpm",
    "demo-1.0.dmg",
    "demo-1.0.deb",
    "demo-1.0-py3-none-any.whl.asc",
    "demo-1.0.tar.gz.sig",
    # sdists
    "demo.tar.gz",
    "demo-.tar.gz",
    "demo-x.tar.gz",
    "demo-1.0-py3.tar.gz",
    "demo_-1.0.tar.gz",
    "demo-1" + "0" * 5000 + ".tar.gz",
    # wheels
    "demo-1.0.whl",
    "demo-1.0-py3.whl",
    "demo-1.0-py3-none.whl",
    "demo-x-py3-none-any.whl",
    "demo-1.0-build-py3-none-any.whl",
    "demo-1.0-1-2-py3-none-any.whl",
    "demo-1.0-1--py3-none-any.whl",
    "demo--py3-none-any.whl",
    "-1.0-py3-none-any.whl",
    "de__mo-1.0-py3-none-any.whl",
    "demo_-1.0-py3-none-any.whl",
    "demo-1.0-PY3-none-any.whl",
    "demo-1.0-py3-None-any.whl",
    "demo-1.0-py3-none-any..whl",
    "demo-1.0-py3.-none-any.whl",
    "demo-1.0-3-none-any.whl",
    "demo-1.0-py+3-none-any.whl",
    "demo-1.0-" + ".".join(f"p{n}" for n in range(20)) + "-" + ".".join(f"a{n}" for n in range(20)) + "-any.whl",
    "x" * 101 + "-1.0.tar.gz",
    "x" * 101 + "-1.0-py3-none-any.whl",
]  # fmt: skip


@pytest.mark.parametrize("filename", INVALID, ids=lambda filename: ascii(filename[:40]))
def test_a_name_that_is_not_one_of_a_distribution_is_refused(filename: str) -> None:
    # UP-06, UP-46
    assert code_of(filename) in {"filename_invalid", "filename_too_long"}
    assert (code_of(filename) == "filename_too_long") == (len(filename) > 255)


def test_a_long_name_is_refused_whatever_it_holds() -> None:
    # UP-06
    assert code_of("x" * 300 + "-1.0.tar.gz") == "filename_too_long"
    assert code_of("\n" * 10**6) == "filename_too_long"


@pytest.mark.parametrize("filename", ["demo-1.0+local.tar.gz", "demo-1.0+local.1-py3-none-any.whl"])
def test_local_versions_are_refused(filename: str) -> None:
    # UP-43
    assert code_of(filename) == "version_local"


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("demo-1.0.tar.gz", "bdist_wheel"),
        ("demo-1.0-py3-none-any.whl", "sdist"),
        ("demo-1.0.zip", "sdist"),
        ("demo-1.0.tar.gz", "bdist_egg"),
    ],
)
def test_a_name_must_fit_the_kind_that_the_form_says(filename: str, kind: str) -> None:
    assert code_of(filename, kind=kind) == "filename_invalid"


VALID = [
    "demo-1.0.tar.gz",
    "demo-1!2.0.post1.dev3.tar.gz",
    "demo_tools-1.0rc1.tar.gz",
    "Django-4.2.tar.gz",
    "zope.interface-5.4.0.tar.gz",
    "demo-tools-1.0.tar.gz",
    "demo-1.0-py3-none-any.whl",
    "demo-1.0-1-py3-none-any.whl",
    "demo-1.0-1abc_2-py3-none-any.whl",
    "PyYAML-6.0-cp311-cp311-win_amd64.whl",
    "zope.event-6.0-py2.py3-none-any.whl",
    "demo-1!2.0-py3-none-any.whl",
    "x" * 100 + "-1.0.tar.gz",
]


@pytest.mark.parametrize("filename", VALID)
def test_names_that_tools_of_today_and_yesterday_write_are_taken(filename: str) -> None:
    check_filename(filename)
    check_filename(filename, kind="sdist" if filename.endswith(".gz") else "bdist_wheel")


PLATFORMS = [
    "any",
    "win32",
    "win_amd64",
    "win_arm64",
    "manylinux1_x86_64",
    "manylinux1_i686",
    "manylinux2010_x86_64",
    "manylinux2014_aarch64",
    "manylinux2014_armv7l",
    "manylinux2014_s390x",
    "manylinux2014_ppc64le",
    "manylinux_2_17_x86_64",
    "manylinux_2_28_aarch64",
    "manylinux_2_31_riscv64",
    "manylinux_2_5_i686",
    "musllinux_1_1_x86_64",
    "musllinux_1_2_aarch64",
    "musllinux_1_2_armv7l",
    "macosx_10_9_x86_64",
    "macosx_10_12_universal2",
    "macosx_10_6_intel",
    "macosx_11_0_arm64",
    "macosx_14_0_arm64",
    "macosx_15_0_x86_64",
    "macosx_26_0_arm64",
    "ios_13_0_arm64_iphoneos",
    "ios_13_0_arm64_iphonesimulator",
    "ios_13_0_x86_64_iphonesimulator",
    "android_21_arm64_v8a",
    "android_24_x86_64",
    "pyemscripten_2025_0_wasm32",
    "linux_armv6l",
    "linux_armv7l",
    "manylinux_2_17_x86_64.manylinux2014_x86_64.manylinux_2_28_x86_64",
    "macosx_10_9_x86_64.macosx_11_0_arm64",
]

OTHER_PLATFORMS = [
    "linux_x86_64",
    "linux_i686",
    "linux_aarch64",
    "manylinux_x86_64",
    "manylinux2_x86_64",
    "manylinux1_aarch64",
    "manylinux_2_x86_64",
    "manylinux_2_17_vax",
    "musllinux_x86_64",
    "macosx_11_x86_64",
    "macosx_11_1_arm64",
    "macosx_9_0_ppc",
    "macosx_10_9_vax",
    "win64",
    "win_x86_64",
    "cygwin_x86_64",
    "solaris_2_11_sparc",
    "freebsd_14_amd64",
    "aix_7_ppc64",
    "ios_13_0_arm64",
    "android_21_vax",
    "emscripten_3_1_wasm32",
    "pyodide_2024_0_wasm32",
    "any.linux_x86_64",
    "manylinux_99999999999_0_x86_64",
    "wasi",
]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_platforms_that_installers_can_tell_apart_are_taken(platform: str) -> None:
    check_filename(f"demo-1.0-cp311-cp311-{platform}.whl")


@pytest.mark.parametrize("platform", OTHER_PLATFORMS)
def test_other_platforms_are_refused(platform: str) -> None:
    assert code_of(f"demo-1.0-cp311-cp311-{platform}.whl") == "platform_tag_unsupported"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Demo.Tools-1.0.tar.gz", "demo_tools-1.0.0.tar.gz"),
        ("demo-tools-1.0rc1.tar.gz", "demo_tools-1.0.rc.1.tar.gz"),
        ("Demo-1.0-py2.py3-none-any.whl", "demo-1.0.0-py3.py2-none-any.whl"),
        ("demo-1.0-1-py3-none-any.whl", "DEMO-v1.0-1-py3-none-any.whl"),
    ],
)
def test_spellings_of_one_filename_have_one_canonical_form(one: str, other: str) -> None:
    # UP-07: a name that is taken cannot be had again in another spelling
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"),
        ("demo-1.0-py3-none-any.whl", "demo-1.0-1-py3-none-any.whl"),
        ("demo-1.0-py3-none-any.whl", "demo-1.0-py2-none-any.whl"),
        ("demo-1.0.tar.gz", "demo-1.0.post0.tar.gz"),
        ("demo-1.0.tar.gz", "demo-1!1.0.tar.gz"),
    ],
)
def test_different_files_have_different_canonical_forms(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)
