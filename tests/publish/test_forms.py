"""The upload form: what is asked of it, and what the tools that people use send."""

from pathlib import Path

import pytest
from twine.package import PackageFile
from twine.repository import Repository

from strongroom.artifacts.facts import Facts
from strongroom.artifacts.inspect import inspect
from strongroom.publish import agreement, form
from tests.artifacts.building import build_sdist, build_wheel
from tests.publish.publishing import fields_of, form_of
from tests.support.people import refusal_of

ABOUT = "\n".join(
    [
        "Summary: Tests things",
        "Requires-Python: >=3.9,<4",
        "Requires-Dist: Six>=1.0",
        'Requires-Dist: requests[socks,security] (>=2,<3) ; extra == "net" and python_version >= "3.9"',
        "Provides-Extra: net",
        "License: MIT License",
        "        Copyright",
        "Keywords: one,two",
        "Author-email: Alice <alice@example.org>",
        "Project-URL: Home, https://example.org",
        "Classifier: Programming Language :: Python :: 3",
        "Description-Content-Type: text/markdown",
    ]
)


def facts_of(path: Path) -> Facts:
    return inspect(path, filename=path.name)


def test_a_form_reads_as_it_was_sent(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, metadata_extra=ABOUT)
    fields = fields_of(wheel, summary="Tests", requires_dist=["six", "requests"], requires_python=">=3")
    read = form.parse(fields, filename=wheel.name)
    assert (read.name, read.version, read.filetype, read.filename) == (
        "demo",
        "1.0",
        "bdist_wheel",
        wheel.name,
    )
    assert read.digests == {"sha256": fields["sha256_digest"][0]}
    assert (read.summary, read.requires_python) == ("Tests", ">=3")
    assert read.requires_dist == ("six", "requests")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({":action": None}, "action_unknown"),
        ({":action": "remove_pkg"}, "action_unknown"),
        ({":action": "submit"}, "action_gone"),
        ({":action": "submit_pkg_info"}, "action_gone"),
        ({":action": "doc_upload"}, "action_gone"),
        ({"protocol_version": "2"}, "protocol_version_unknown"),
        ({"name": None}, "field_missing"),
        ({"name": "UNKNOWN"}, "field_missing"),
        ({"version": ""}, "field_missing"),
        ({"name": ["a", "b"]}, "field_repeated"),
        ({"sha256_digest": ["0" * 64, "0" * 64]}, "field_repeated"),
        ({":action": ["file_upload", "submit"]}, "field_repeated"),
        ({"summary": ["a", "b"]}, "field_repeated"),
        ({"filetype": None}, "filetype_unknown"),
        ({"filetype": "bdist_egg"}, "filetype_unknown"),  # UP-46
        ({"filetype": "bdist_wininst"}, "filetype_unknown"),
        ({"pyversion": None}, "pyversion_wrong"),
        ({"filetype": "sdist", "pyversion": "py3"}, "pyversion_wrong"),
        ({"sha256_digest": None}, "digest_missing"),
        ({"sha256_digest": ""}, "digest_missing"),
        ({"sha256_digest": "0" * 63}, "digest_malformed"),
        ({"sha256_digest": "g" * 64}, "digest_malformed"),
        ({"sha256_digest": "0" * 64 + "\n0"}, "digest_malformed"),
        ({"md5_digest": "0" * 64}, "digest_malformed"),
        ({"blake2_256_digest": "0" * 128}, "digest_malformed"),
    ],
)
def test_a_form_that_is_not_complete_or_not_well_formed_is_refused(
    tmp_path: Path, changes: dict[str, str | list[str] | None], code: str
) -> None:  # UP-04, UP-05, UP-44
    wheel = build_wheel(tmp_path)
    assert refusal_of(lambda: form_of(wheel, **changes)) == code


def test_digests_may_be_written_in_capitals(tmp_path: Path) -> None:  # UP-04
    wheel = build_wheel(tmp_path)
    plain = form_of(wheel)
    assert form_of(wheel, sha256_digest=plain.digests["sha256"].upper()) == plain


def test_the_least_form_that_old_tools_send_is_enough(tmp_path: Path) -> None:
    sdist = build_sdist(tmp_path)
    least = form_of(sdist, protocol_version=None, metadata_version=None, pyversion=None)
    agreement.require_agreement(least, facts_of(sdist))


def test_unknown_means_nothing(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    given = form_of(wheel, summary="UNKNOWN", license="UNKNOWN", requires_python="UNKNOWN")
    assert given == form_of(wheel)
    agreement.require_agreement(given, facts_of(wheel))


@pytest.mark.parametrize("build", [build_wheel, build_sdist])
def test_what_twine_reads_from_a_file_agrees_with_the_file(tmp_path: Path, build: type) -> None:  # UP-45
    path = build(tmp_path, name="My.Demo", metadata_extra=ABOUT, description="# Hello\n")
    sent = Repository._convert_metadata_to_list_of_tuples(
        PackageFile.from_filename(str(path), comment=None).metadata_dictionary()
    )
    fields: dict[str, list[str]] = {":action": ["file_upload"], "protocol_version": ["1"]}
    for key, value in sent:
        fields.setdefault(key, []).append(value)
    given = form.parse(fields, filename=path.name)
    assert given.requires_dist
    agreement.require_agreement(given, facts_of(path))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "DEMO"},
        {"name": "d-e-m-o".replace("-", "")},
        {"version": "v1.0.0"},
        {"summary": "  Tests   things "},
        {"requires_python": "<4.0, >=3.9.0"},
        {"requires_python": ""},
        {"requires_dist": []},
        {
            "requires_dist": [
                "requests[security,socks]<3,>=2; python_version >= '3.9' and extra=='net'",
                "six (>=1)",
            ]
        },
        {"license": "MIT License\n| Copyright"},
        {"license": ""},
        {"classifiers": ["Framework :: Django"]},
        {"description": "something else"},
        {"metadata_version": "1.0"},
        {"pyversion": "py2.py3"},
    ],
)
def test_what_tools_spell_differently_agrees(tmp_path: Path, changes: dict[str, str | list[str]]) -> None:
    wheel = build_wheel(tmp_path, metadata_extra=ABOUT)
    agreement.require_agreement(form_of(wheel, **changes), facts_of(wheel))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "demo2"},
        {"version": "1.0.1"},
        {"version": "nonsense"},
        {"summary": "Tests"},
        {"requires_python": ">=3.8"},
        {"requires_python": "nonsense"},
        {"requires_dist": ["six>=1.0"]},
        {"requires_dist": ["six>=1.0", "requests[socks,security]>=2,<3", "evil"]},
        {"requires_dist": ["six>=1.1", "requests[socks,security]>=2,<3"]},
        {"requires_dist": ["six>=1.0", "requests[socks]>=2,<3"]},
        {"requires_dist": ["six @ https://evil.example", "requests[socks,security]>=2,<3"]},
        {"requires_dist": ["not a requirement", "six>=1.0"]},
        {"license": "GPL"},
        {"license_expression": "MIT"},
        {"filetype": "sdist", "pyversion": "source"},
    ],
)
def test_what_says_something_else_is_refused(
    tmp_path: Path, changes: dict[str, str | list[str]]
) -> None:  # UP-20
    wheel = build_wheel(tmp_path, metadata_extra=ABOUT)
    facts, given = facts_of(wheel), form_of(wheel, **changes)
    assert refusal_of(lambda: agreement.require_agreement(given, facts)) == "metadata_mismatch"


def test_a_license_in_the_form_alone_is_no_contradiction(tmp_path: Path) -> None:
    """poetry sends one that its METADATA may leave to License-Expression."""
    wheel = build_wheel(tmp_path, metadata_version="2.4", metadata_extra="License-Expression: MIT")
    agreement.require_agreement(form_of(wheel, license="MIT", license_expression="mit"), facts_of(wheel))
