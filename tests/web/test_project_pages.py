"""What everybody sees of projects."""

from datetime import timedelta

import pytest

from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.projects.models import File, Project
from strongroom.projects.renderer_process import sanitize
from strongroom.simple import address
from tests.support.people import person, signed_in, with_phone
from tests.web.browsing import browser_of, location_of, main_of, nobody, text_of
from tests.web.content import BLAKE2, MD5, SHA256, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


def page(path: str = "/project/strong-box/") -> str:
    answer = nobody().get(path)
    assert answer.status_code == 200
    return main_of(answer)


def test_a_project_leads_with_name_version_summary_and_how_to_install(alice: User) -> None:
    publish(alice)
    text = page()
    assert '<h1 translate="no">Strong.Box <span class="version">1.0</span></h1>' in text
    assert "Keeps things safe" in text
    assert "pip install --index-url http://localhost:8000/simple/ strong-box</code>" in text


def test_it_shows_description_files_with_hashes_metadata_and_owners(alice: User) -> None:
    publish(
        alice,
        requires_python=">=3.11",
        license_expression="Apache-2.0",
        requires_dist=["attrs>=23", "rich; extra == 'cli'"],
        classifiers=["Topic :: Security"],
        project_urls=[["Source", "https://code.example/strong-box"]],
    )
    text = page()
    assert "How to keep things <em>safe</em>." in text
    filename = "strong-box-1.0-py3-none-any.whl"
    assert f'href="/{address.file_path(SHA256, filename)}"' in text
    for shown in (
        SHA256,
        BLAKE2,
        MD5,
        "2.0\N{NO-BREAK SPACE}KB",
        ">=3.11",
        "Apache-2.0",
        "attrs>=23",
        "Topic :: Security",
    ):
        assert shown in text
    assert 'href="https://code.example/strong-box" rel="nofollow noopener ugc"' in text
    assert 'href="/user/alice/"' in text


def test_it_says_who_vouches_for_it(alice: User) -> None:
    publish(alice)
    assert "Not all owners use two-factor sign-in" in page()
    with_phone(signed_in(alice))
    assert "All owners use two-factor sign-in" in page()
    assert "Published with an API token" in page()
    File.objects.update(authenticated="password")
    assert "Published with a password" in page()


def test_an_older_release_says_so_and_pins_its_version(alice: User) -> None:
    publish(alice, versions=("1.0", "2.0"))
    old, new = page("/project/strong-box/1.0/"), page("/project/strong-box/2.0/")
    assert "This is not the latest release" in old
    assert "strong-box==1.0" in old
    assert "This is not the latest release" not in new
    assert page("/project/strong-box/1.0.0/") == old


@pytest.mark.parametrize("name", ["Strong.Box", "strong_box", "STRONG--BOX"])
def test_other_spellings_lead_to_the_normalized_name(alice: User, name: str) -> None:
    publish(alice)
    assert location_of(nobody().get(f"/project/{name}/")) == "/project/strong-box/"
    assert location_of(nobody().get(f"/project/{name}/1.0/")) == "/project/strong-box/1.0/"


@pytest.mark.parametrize(
    "path",
    [
        "/project/nowhere/",
        "/project/strong-box/9.9/",
        "/project/strong-box/not-a-version/",
        "/project/-/",
        "/project/%00/",
        "/project/a%2Fb/",
        "/project/" + "a" * 10**4 + "/",
        "/user/nobody/",
        "/user/%F0%9F%98%80/",
    ],
)
def test_what_is_not_there_is_a_404(alice: User, path: str) -> None:
    publish(alice)
    assert nobody().get(path).status_code == 404


def test_links_that_are_no_web_addresses_are_left_out(alice: User) -> None:
    # UP-28
    urls = ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://[", "file:///etc/passwd"]
    publish(alice, project_urls=[["Click", url] for url in urls], home_page="javascript:alert(2)")
    text = page()
    assert "javascript:" not in text
    assert ">Click<" not in text


def test_metadata_is_shown_as_text(alice: User) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    publish(
        alice,
        summary=hostile,
        author=hostile,
        license=hostile,
        classifiers=[hostile],
        requires_dist=[hostile],
    )
    for path in ("/project/strong-box/", "/", "/search/", "/user/alice/"):
        raw = text_of(nobody().get(path))
        assert "&lt;img" in raw
        assert hostile not in raw


def test_a_yanked_file_says_why(alice: User) -> None:
    publish(alice)
    File.objects.update(yanked="eats <data>")
    assert "yanked" in page()
    assert "eats <data>" in page()


def test_home_shows_the_newest_projects_first(alice: User) -> None:
    publish(alice, "older")
    Project.objects.update(updated=clock.now() - timedelta(days=1))
    publish(alice, "newer")
    text = page("/")
    assert text.index("/project/newer/") < text.index("/project/older/")
    assert "2</strong> projects" in text


def test_an_empty_index_says_what_to_do_next() -> None:
    assert "Nothing is published yet" in page("/")
    assert "Try fewer or other words" in page("/search/?q=nothing")


def test_search_finds_words_in_names_and_summaries_in_pages(alice: User) -> None:
    for number in range(27):
        publish(alice, f"box{number:02}", summary="keeps things")
    publish(alice, "other", summary="throws things away")
    first, second = page("/search/?q=keeps+box"), page("/search/?q=keeps+box&page=2")
    assert (first.count("/project/box"), second.count("/project/box")) == (25, 2)
    assert "page=2" in first
    assert "page=1" in second
    assert "/project/other/" in page("/search/?q=away")


@pytest.mark.parametrize(
    "query", ["%", "_", "\\", "' OR 1=1 --", "\0", "a" * 10**5, "\N{FACE WITH TEARS OF JOY}"]
)
@pytest.mark.parametrize("number", ["1", "0", "-1", "x", "9" * 30, "\N{ARABIC-INDIC DIGIT TWO}"])
def test_whatever_is_searched_for_is_taken_literally(alice: User, query: str, number: str) -> None:
    publish(alice, "strongbox")
    answer = nobody().get("/search/", {"q": query, "page": number})
    assert answer.status_code == 200
    if query != "\0":  # no word is left of it, so that every project is listed
        assert "/project/strongbox/" not in main_of(answer)


def test_people_see_the_projects_in_which_they_have_a_role(alice: User) -> None:
    publish(alice)
    assert "/project/strong-box/" in main_of(browser_of(alice).get("/manage/projects/"))
    assert "/project/strong-box/" in page("/user/ALICE/")
    empty = main_of(browser_of(person("bob")).get("/manage/projects/"))
    assert "twine upload --repository-url" in empty


def test_times_are_absolute_with_a_hint(alice: User) -> None:
    publish(alice)
    day_ago = clock.now() - timedelta(days=1)
    assert f"{day_ago:%Y, %H:%M} UTC" in page()
    assert "1\N{NO-BREAK SPACE}day ago" in page()


def test_pictures_in_a_description_are_told_in_words() -> None:
    # UP-28: a page of ours makes no request to an address that a stranger chose
    badge = '<a href="https://a.example"><img src="https://b.example/c.svg" alt="build &lt;ok&gt; &quot;now&quot;"></a>'
    assert "<img" not in sanitize(badge)
    assert ">build &lt;ok&gt; &quot;now&quot;</a>" in sanitize(badge)
    assert (
        sanitize('<p>a<img src="https://b.example/c.svg" alt="https://b.example/c.svg">b</p>') == "<p>ab</p>"
    )
    assert sanitize("<p>a<img>b</p>") == "<p>ab</p>"
