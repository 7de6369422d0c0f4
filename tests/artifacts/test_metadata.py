"""Every field of core metadata: what is refused, with which field named, and what is understood."""

import pytest

from strongroom.artifacts.facts import Metadata
from strongroom.artifacts.metadata import METADATA_VERSIONS, parse_metadata
from strongroom.kernel.refused import Refused
from tests.artifacts.building import core_metadata
from tests.artifacts.refusing import assert_is_fit_to_show


def parsed(extra: str = "", *, version: str = "2.4", description: str = "") -> Metadata:
    return parse_metadata(core_metadata("demo", "1.0", version, extra, description), what="METADATA")


def refusal_of(content: bytes | str) -> Refused:
    with pytest.raises(Refused) as caught:
        parse_metadata(content if isinstance(content, bytes) else content.encode(), what="METADATA")
    assert_is_fit_to_show(caught.value.message)
    return caught.value


def refusal_with(extra: str) -> Refused:
    return refusal_of(core_metadata("demo", "1.0", "2.4", extra))


FULL = """\
Summary: A demo, with \u00fcmlauts
Author: Alice
Author-email: Alice <alice@example.org>, bob@example.org
Maintainer: Bob
Maintainer-email: "Builder, Bob" <bob@example.org>
License-Expression: mit or (apache-2.0 and LicenseRef-Own)
License-File: LICENSE
License-File: licenses/OWN
Keywords: demo, tests
Classifier: Programming Language :: Python :: 3
Classifier: Development Status :: 4 - Beta
Platform: any
Supported-Platform: win32
Home-page: https://example.org/
Download-URL: https://example.org/demo.tar.gz
Project-URL: Source, https://example.org/source
Project-URL: Issues, https://example.org/issues?a=b#c
Requires-Python: >=3.9, !=3.10.*
Requires-Dist: six>=1.16
Requires-Dist: tomli (>=1.1) ; python_version < "3.11"
Provides-Extra: tests
Requires-External: libpng (>=1.5)
Provides-Dist: demo-old (==0.9)
Obsoletes-Dist: demo-older
Dynamic: Requires-Dist
Dynamic: license-file
Import-Name: demo
Import-Name: demo._private ; private
Import-Namespace: demo.plugins
Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM
X-Unknown: whatever"""


def test_all_fields_are_understood() -> None:
    assert parsed(FULL, version="2.5", description="# Demo\n\nText.\n") == Metadata(
        metadata_version="2.5",
        name="demo",
        version="1.0",
        summary="A demo, with \u00fcmlauts",
        description="# Demo\n\nText.\n",
        description_content_type="text/markdown; charset=UTF-8; variant=GFM",
        author="Alice",
        author_email="Alice <alice@example.org>, bob@example.org",
        maintainer="Bob",
        maintainer_email='"Builder, Bob" <bob@example.org>',
        license="",
        license_expression="MIT OR (Apache-2.0 AND LicenseRef-Own)",
        license_files=("LICENSE", "licenses/OWN"),
        keywords="demo, tests",
        classifiers=("Programming Language :: Python :: 3", "Development Status :: 4 - Beta"),
        platforms=("any",),
        supported_platforms=("win32",),
        home_page="https://example.org/",
        download_url="https://example.org/demo.tar.gz",
        project_urls=(
            ("Source", "https://example.org/source"),
            ("Issues", "https://example.org/issues?a=b#c"),
        ),
        requires_python=">=3.9, !=3.10.*",
        requires_dist=("six>=1.16", 'tomli (>=1.1) ; python_version < "3.11"'),
        provides_extra=("tests",),
        requires_external=("libpng (>=1.5)",),
        provides_dist=("demo-old (==0.9)",),
        obsoletes_dist=("demo-older",),
        dynamic=("Requires-Dist", "license-file"),
        import_names=("demo", "demo._private ; private"),
        import_namespaces=("demo.plugins",),
    )


@pytest.mark.parametrize("version", METADATA_VERSIONS)
def test_versions_of_metadata_that_exist_are_taken(version: str) -> None:
    assert parsed(version=version).metadata_version == version


@pytest.mark.parametrize("version", ["", "0.9", "1.3", "2.0", "2.6", "3.0", "2.4.0", "two", "UNKNOWN"])
def test_other_versions_of_metadata_are_refused(version: str) -> None:
    refused = refusal_of(core_metadata("demo", "1.0", version))
    assert (refused.code, refused.field) == ("metadata_version_unsupported", "metadata_version")


def test_unknown_means_absent() -> None:
    metadata = parsed(
        "Summary: UNKNOWN\nHome-page: UNKNOWN\nLicense: UNKNOWN\nPlatform: UNKNOWN\nAuthor-email: UNKNOWN"
    )
    assert metadata == Metadata(metadata_version="2.4", name="demo", version="1.0")


def test_fields_ahead_of_their_version_are_taken_as_installers_do() -> None:
    metadata = parsed("License-File: LICENSE\nDynamic: Summary\nProvides-Extra: x", version="1.0")
    assert metadata.license_files == ("LICENSE",)


INVALID = [
    # UP-21: what may stand there once
    ("name", "Name: demo"),
    ("name", "name: other"),
    ("version", "Version: 1.0"),
    ("metadata_version", "Metadata-Version: 2.1"),
    ("summary", "Summary: a\nSummary: b"),
    ("summary", "Summary: a\nSUMMARY: a"),
    ("requires_python", "Requires-Python: >=3.9\nRequires-Python: >=3.9"),
    ("license", "License: a\nLicense: b"),
    ("author_email", "Author-email: a@example.org\nAuthor-email: a@example.org"),
    ("description_content_type", "Description-Content-Type: text/plain\nDescription-Content-Type: text/markdown"),
    # one line
    ("summary", "Summary: a\n  b"),
    ("home_page", "Home-page: https://example.org/\n x"),
    ("requires_dist", "Requires-Dist: six\n >=1"),
    ("classifiers", "Classifier: Programming Language ::\n Python"),
    # lengths
    ("summary", "Summary: " + "x" * 513),
    ("author", "Author: " + "x" * 5000),
    ("keywords", "Keywords: " + "x" * 10**5),
    ("license", "License: " + "x" * 300_000),
    ("requires_dist", "Requires-Dist: six" + ",>1" * 2000),
    ("requires_dist", "\n".join(["Requires-Dist: six"] * 4001)),
    ("project_urls", "Project-URL: a, https://example.org/" + "x" * 3000),
    ("home_page", "Home-page: https://example.org/" + "x" * 3000),
    ("license_expression", "License-Expression: " + " OR ".join(["MIT"] * 300)),
    # addresses
    ("author_email", "Author-email: alice"),
    ("author_email", "Author-email: alice@localhost"),
    ("author_email", "Author-email: alice at example.org"),
    ("author_email", "Author-email: Alice <alice@example.org"),
    ("author_email", "Author-email: Alice alice@example.org"),
    ("author_email", "Author-email: <>"),
    ("author_email", "Author-email: Alice, Bob <bob@example.org>"),
    ("maintainer_email", "Maintainer-email: a@b@example.org"),
    ("maintainer_email", "Maintainer-email: a@example..org"),
    ("maintainer_email", "Maintainer-email: a@-example.org"),
    ("maintainer_email", "Maintainer-email: a@example.org,"),
    ("maintainer_email", "Maintainer-email: a@example.org <javascript:alert(1)>"),
    # UP-30: URLs
    ("home_page", "Home-page: example.org"),
    ("home_page", "Home-page: javascript:alert(1)"),
    ("home_page", "Home-page: data:text/html,x"),
    ("home_page", "Home-page: ftp://example.org/"),
    ("home_page", "Home-page: //example.org/"),
    ("home_page", "Home-page: https://"),
    ("home_page", "Home-page: https:///x"),
    ("home_page", "Home-page: https://example.org@evil.example/"),
    ("home_page", "Home-page: https://user:password@example.org/"),
    ("home_page", "Home-page: https://ex\u0430mple.org/"),
    ("home_page", "Home-page: https://example.org/\u202e"),
    ("home_page", "Home-page: https://example.org/a b"),
    ("home_page", 'Home-page: https://example.org/"onclick="'),
    ("home_page", "Home-page: https://example.org/<script>"),
    ("home_page", "Home-page: https://example.org\\@evil.example/"),
    ("home_page", "Home-page: https://example.org/%zz"),
    ("home_page", "Home-page: https://example.org:port/"),
    ("download_url", "Download-URL: file:///etc/passwd"),
    ("project_urls", "Project-URL: https://example.org"),
    ("project_urls", "Project-URL: , https://example.org"),
    ("project_urls", "Project-URL: Source"),
    ("project_urls", "Project-URL: Source,"),
    ("project_urls", "Project-URL: Source, javascript:alert(1)"),
    ("project_urls", "Project-URL: " + "x" * 33 + ", https://example.org"),
    ("project_urls", "Project-URL: A, https://example.org/1\nProject-URL: A, https://example.org/2"),
    # licenses
    ("license_expression", "License-Expression: MIT License"),
    ("license_expression", "License-Expression: Apache 2.0"),
    ("license_expression", "License-Expression: GPL"),
    ("license_expression", "License-Expression: (MIT"),
    ("license_expression", "License-Expression: MIT AND"),
    ("license_expression", "License-Expression: " + "(" * 300 + "MIT" + ")" * 300),
    ("license", "License: MIT\nLicense-Expression: MIT"),
    ("license_files", "License-File: ../LICENSE"),
    ("license_files", "License-File: /LICENSE"),
    ("license_files", "License-File: a//LICENSE"),
    ("license_files", "License-File: ./LICENSE"),
    ("license_files", "License-File: a\\LICENSE"),
    ("license_files", "License-File: LICENSE*"),
    ("license_files", "License-File: C:/LICENSE"),
    # descriptions; UP-29
    ("description_content_type", "Description-Content-Type: text/html"),
    ("description_content_type", "Description-Content-Type: markdown"),
    ("description_content_type", "Description-Content-Type: text/markdown, text/html"),
    ("description_content_type", "Description-Content-Type: text/markdown; charset=utf-7"),
    ("description_content_type", "Description-Content-Type: text/markdown; charset=UTF-8; charset=latin-1"),
    ("description_content_type", "Description-Content-Type: text/markdown; variant=Evil"),
    ("description_content_type", "Description-Content-Type: text/plain; x*"),
    # requirements
    ("requires_dist", "Requires-Dist: six>=x"),
    ("requires_dist", "Requires-Dist: six-"),
    ("requires_dist", "Requires-Dist: ../six"),
    ("requires_dist", "Requires-Dist: six; python_version"),
    ("requires_dist", "Requires-Dist: six; " + "(" * 1500 + "python_version>'3'" + ")" * 1500),
    ("provides_dist", "Provides-Dist: >=1"),
    ("obsoletes_dist", "Obsoletes-Dist: a b"),
    ("requires_python", "Requires-Python: 3.9"),
    ("requires_python", "Requires-Python: >=3.9.x"),
    ("requires_python", "Requires-Python: >=" + "9" * 600),
    ("provides_extra", "Provides-Extra: te sts"),
    ("provides_extra", "Provides-Extra: :python_version<'3'"),
    ("dynamic", "Dynamic: Name"),
    ("dynamic", "Dynamic: version"),
    ("dynamic", "Dynamic: Metadata-Version"),
    ("dynamic", "Dynamic: X-Unknown"),
    ("import_names", "Import-Name: de-mo"),
    ("import_names", "Import-Name: demo..x"),
    ("import_names", "Import-Name: demo ; public"),
    ("import_namespaces", "Import-Namespace: 1demo"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "extra"), INVALID, ids=lambda value: ascii(value[:60]))
def test_a_field_that_is_not_as_the_specification_says_is_refused(field: str, extra: str) -> None:
    refused = refusal_with(extra)
    assert (refused.code, refused.field) == ("metadata_invalid", field)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("Metadata-Version: 2.1\nVersion: 1.0\n", "name"),
        ("Metadata-Version: 2.1\nName:\nVersion: 1.0\n", "name"),
        ("Metadata-Version: 2.1\nName: UNKNOWN\nVersion: 1.0\n", "name"),
        ("Metadata-Version: 2.1\nName: -demo\nVersion: 1.0\n", "name"),
        ("Metadata-Version: 2.1\nName: d\u00e9mo\nVersion: 1.0\n", "name"),
        ("Metadata-Version: 2.1\nName: de mo\nVersion: 1.0\n", "name"),
        (f"Metadata-Version: 2.1\nName: {'x' * 101}\nVersion: 1.0\n", "name"),
        ("Metadata-Version: 2.1\nName: demo\n", "version"),
        ("Metadata-Version: 2.1\nName: demo\nVersion: x\n", "version"),
        ("Metadata-Version: 2.1\nName: demo\nVersion: 1.0-\n", "version"),
        (f"Metadata-Version: 2.1\nName: demo\nVersion: {'9' * 5000}\n", "version"),
        (f"Metadata-Version: 2.1\nName: demo\nVersion: {'9' * 4000}\n", "version"),
    ],
)
def test_name_and_version_are_required(content: str, field: str) -> None:
    refused = refusal_of(content)
    assert (refused.code, refused.field) == ("metadata_invalid", field)


def test_a_local_version_is_refused() -> None:
    # UP-21, UP-43
    refused = refusal_of(core_metadata("demo", "1.0+local"))
    assert (refused.code, refused.field) == ("version_local", "version")


@pytest.mark.parametrize("field", ["Requires-Dist", "Provides-Dist", "Obsoletes-Dist"])
@pytest.mark.parametrize(
    "requirement",
    [
        "six @ https://evil.example/six.whl",
        "six@git+https://evil.example/six",
        'six @ file:///six ; extra == "x"',
    ],
)
def test_a_requirement_that_points_to_an_address_is_refused(field: str, requirement: str) -> None:
    # UP-21
    refused = refusal_with(f"{field}: {requirement}")
    assert (refused.code, refused.field) == ("requirement_direct_url", field.lower().replace("-", "_"))


def test_classifiers_must_be_known() -> None:
    refused = refusal_with("Classifier: Programming Language :: Python :: 3\nClassifier: Topic :: Nonsense")
    assert (refused.code, refused.field) == ("classifier_unknown", "classifiers")
    assert "'Topic :: Nonsense'" in refused.message


def test_a_deprecated_classifier_is_refused_with_its_replacement() -> None:
    refused = refusal_with("Classifier: Natural Language :: Ukranian")
    assert (refused.code, refused.field) == ("classifier_deprecated", "classifiers")
    assert "'Natural Language :: Ukrainian'" in refused.message


def test_a_deprecated_classifier_without_replacement_is_to_be_removed() -> None:
    refused = refusal_with("Classifier: License :: OSI Approved :: Jabber Open Source License")
    assert refused.code == "classifier_deprecated"
    assert refused.message.endswith("Remove it.")


def test_a_private_project_is_refused() -> None:
    refused = refusal_with("Classifier: Private :: Do Not Upload")
    assert (refused.code, refused.field) == ("classifier_private", "classifiers")


def test_a_description_in_both_places_is_refused() -> None:
    # UP-21: body smuggling
    refused = refusal_of(core_metadata("demo", "1.0", extra="Description: one", description="two"))
    assert (refused.code, refused.field) == ("metadata_invalid", "description")


def test_the_description_header_of_old_metadata_loses_its_indent() -> None:
    assert (
        parsed("Description: Demo\n        ====\n        \n          code").description
        == "Demo\n====\n\n  code"
    )
    assert (
        parsed("Description: Demo\n       |====\n       |\n       |  code").description
        == "Demo\n====\n\n  code"
    )


def test_folded_names_and_keywords_become_one_line() -> None:
    metadata = parsed(
        "Author: Alice  A.,\n        Bob\nKeywords: one,\n\ttwo\nAuthor-email: a@example.org,\n  b@example.org"
    )
    assert (metadata.author, metadata.keywords) == ("Alice  A., Bob", "one, two")
    assert metadata.author_email == "a@example.org, b@example.org"


def test_a_license_text_keeps_its_lines() -> None:
    assert parsed("License: MIT\n        \n        \x0cPermission is\n        granted").license == (
        "MIT\n\n\x0cPermission is\ngranted"
    )


def test_windows_lines_mean_the_same() -> None:
    unix = core_metadata("demo", "1.0", extra="Summary: x\nLicense: a\n  b", description="")
    assert parse_metadata(unix.replace(b"\n", b"\r\n"), what="METADATA") == parse_metadata(
        unix, what="METADATA"
    )


@pytest.mark.parametrize(
    "value",
    [
        "alice@example.org",
        "<alice@example.org>",
        "Alice <alice@example.org>",
        "Alice Example <alice+tag@mail.example.org>, Bob <bob@example.co>",
        '"Example, Alice" <alice@example.org>',
        "alice@example.org (Alice, Example)",
        "\u00c5lice <\u00e5lice@ex\u00e4mple.org>",
        "alice@example.org,bob@example.org",
    ],
)
def test_email_addresses_with_and_without_names_are_taken(value: str) -> None:
    assert parsed(f"Author-email: {value}").author_email == value


@pytest.mark.parametrize(
    "value",
    [
        "http://example.org",
        "https://example.org:8443/a/b?c=d&e=%20f#g",
        "HTTPS://Example.ORG/",
        "http://localhost:8000/",
        "http://127.0.0.1/",
        "http://[::1]:80/x",
        "https://xn--exmple-cua.org/~alice/(x)",
        "https://example.org?x",
    ],
)
def test_web_addresses_are_taken(value: str) -> None:
    assert parsed(f"Home-page: {value}\nProject-URL: A, {value}").project_urls == (("A", value),)


@pytest.mark.parametrize(
    "value",
    ["text/plain", "text/x-rst", "text/markdown", "TEXT/Markdown", "text/markdown;charset=utf-8", "text/markdown; variant=CommonMark",
     'text/x-rst; charset="UTF-8"', "text/markdown;"],
)  # fmt: skip
def test_content_types_are_taken(value: str) -> None:
    assert parsed(f"Description-Content-Type: {value}").description_content_type == value


def test_a_hostile_regular_expression_costs_little() -> None:
    # UP-21: bounded lengths and possessive patterns
    for extra in (
        "Author-email: " + '"' * 4000,
        "Author-email: " + '"\\' * 2000,
        "Author-email: " + "(" * 4000,
        "Author-email: " + "a@" + "a." * 2000,
        "Home-page: https://" + "a." * 1000 + "!",
        "Description-Content-Type: text/plain" + "; a=b" * 800 + ";!",
    ):
        assert refusal_with(extra).code == "metadata_invalid"
