"""The pages of API tokens: the form, the one page that shows a token, the list, and the question before it is revoked."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.may_publish import MayPublish
from strongroom.projects.models import Project
from strongroom.publish import credentials
from strongroom.tokens.models import Token
from strongroom.tokens.spelling import MAX_NAMED, MAX_USES
from tests.support.configuration import configured
from tests.support.people import as_user, person
from tests.tokens.making import token_for
from tests.web.browsing import browser_of, location_of, main_of, refused_in, text_of
from tests.web.content import publish
from tests.web.token_form import DIGEST, EVERYTHING, REAUTHENTICATE, TOKEN, form

pytestmark = pytest.mark.django_db

ACCOUNT = "/manage/account/"


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    return browser_of(alice)


@pytest.fixture
def box(alice: User) -> Project:
    return publish(alice, "Strong.Box")


def checked(page: str) -> set[str]:
    """Name and value of every choice that is made."""
    inputs = re.findall(r'<input type="(?:radio|checkbox)"[^>]*>', page)
    made = [text for text in inputs if re.search(r"\schecked\b", text)]
    return {"=".join(re.findall(r'(?:name|value)="([^"]*)"', text)) for text in made}


def value_of(page: str, field: str) -> str:
    found = re.search(rf'<input[^>]*name="{field}"[^>]*>', page)
    assert found
    value = re.search(r'value="([^"]*)"', found[0])
    return value[1] if value else ""


def error_beside(page: str, field: str) -> bool:
    """Whether the field has an error of its own, to which the summary links."""
    return f'id="id_{field}_error"' in page and f'href="#id_{field}"' in page and f'id="id_{field}"' in page


def listed(browser: Client) -> str:
    return main_of(browser.get(ACCOUNT)).split('id="api-tokens"')[1].split("</section>")[0]


def test_a_token_is_shown_once_and_kept_nowhere(browser: Client) -> None:
    # TK-15
    answer = browser.post(TOKEN, form())
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    secret = main_of(answer).split('id="token">')[1].split("<")[0]
    assert secret.startswith("strongroom-")
    assert main_of(answer).count(secret) == 4  # itself, for ~/.pypirc, for uv, for twine
    for page in (listed(browser), main_of(browser.get(TOKEN))):
        assert secret not in page
    assert secret not in str([entry.details for entry in Entry.objects.all()])


def test_a_token_takes_a_fresh_proof(alice: User) -> None:
    # TK-15
    stale = browser_of(alice, fresh=False)
    for answer in (stale.get(TOKEN), stale.post(TOKEN, form())):
        assert location_of(answer).startswith(REAUTHENTICATE)
    assert not Token.objects.exists()


def test_without_a_verified_address_no_token_is_made() -> None:
    # EM-11
    client = browser_of(person("carol", verified=False))
    assert refused_in(client.get(TOKEN)) == "email_unverified"
    assert client.post(TOKEN, form()).status_code == 403
    assert not Token.objects.exists()


def test_the_form_begins_with_uploads_for_a_year(browser: Client, box: Project) -> None:
    page = text_of(browser.get(TOKEN))
    assert checked(page) == {"scope=all", "actions=upload"}
    assert value_of(page, "expires") == f"{clock.now() + timedelta(days=365):%Y-%m-%d}"
    for field in ("name", "patterns", "not_before", "networks", "uses", "version"):
        assert value_of(page, field) == ""
    assert '<details class="more">' in page


def test_one_s_own_projects_are_offered_and_a_link_can_choose_one(browser: Client, box: Project) -> None:
    publish(person("mallory"), "other")
    page = text_of(browser.get(TOKEN))
    assert "strong-box" in re.findall(r'name="projects" value="([^"]+)"', page)
    assert 'value="other"' not in page
    assert checked(text_of(browser.get(f"{TOKEN}?project=Strong_Box"))) == {
        "scope=some",
        "projects=strong-box",
        "actions=upload",
    }
    for nobody_s in ("other", "", "\0", "<script>"):
        assert "scope=all" in checked(text_of(browser.get(TOKEN, {"project": nobody_s})))


def test_everything_that_is_chosen_stands_in_the_token(alice: User, browser: Client, box: Project) -> None:
    vault = publish(alice, "vault")
    assert browser.post(TOKEN, EVERYTHING).status_code == 200
    token = Token.objects.get()
    end, beginning = datetime(2030, 6, 1, tzinfo=UTC), datetime(2030, 5, 1, tzinfo=UTC)
    assert token.restrictions == [
        [3, str(alice.public_id)],
        ["projects", [str(box.public_id), str(vault.public_id)], ["acme-*", "other-name"]],
        ["actions", ["upload", "yank"]],
        [0, int(end.timestamp()), int(beginning.timestamp())],
        ["networks", ["192.0.2.0/24", "2001:db8::1/128"]],
        ["uses", 3],
        ["version", "1.0"],
        ["sha256", [DIGEST, "b2" * 32]],
    ]
    assert token.expires == end  # good through the whole of the day that was chosen
    assert set(token.projects.all()) == {box, vault}


def test_a_token_reads_the_audit_trail_only_where_that_is_ticked(browser: Client) -> None:
    assert "Read the audit trail" in main_of(browser.get(TOKEN))
    assert "It may read the audit trail." in main_of(browser.post(TOKEN, form(actions=["audit"])))
    assert ["actions", ["audit"]] in Token.objects.get().restrictions


def test_only_a_token_that_says_so_lasts_for_ever(browser: Client) -> None:
    page = main_of(browser.post(TOKEN, form(expires="")))
    assert "It never expires." in page
    assert Token.objects.get().expires is None


def test_what_can_be_made_by_a_name_alone_cannot_be_made_wide_by_leaving_things_out(browser: Client) -> None:
    for missing, code in (({"scope": ""}, "required"), ({"actions": []}, "token_actions_missing")):
        answer = browser.post(TOKEN, form(**missing))
        assert (answer.status_code, refused_in(answer)) == (422, code)
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("name", "", "required"),
        ("name", "a" * 101, "max_length"),
        ("name", "a\N{RIGHT-TO-LEFT OVERRIDE}b", "token_name_invalid"),
        ("scope", "everything", "invalid_choice"),
        ("projects", ["other"], "invalid_choice"),
        ("patterns", "*", "token_pattern_invalid"),
        ("patterns", "a*", "token_pattern_invalid"),
        ("patterns", "ac*me", "token_pattern_invalid"),
        ("patterns", " ".join(f"name-{number}" for number in range(MAX_NAMED + 1)), "token_too_long"),
        ("actions", [], "token_actions_missing"),
        ("actions", ["delete"], "invalid_choice"),
        ("expires", "2020-01-01", "token_expiry_past"),
        ("expires", "31.12.2030", "invalid"),
        ("expires", "9999-12-31", "max_value"),
        ("not_before", "2031-01-01", "token_never_valid"),
        ("not_before", "soon", "invalid"),
        ("networks", "10.0.0.0/33", "token_network_invalid"),
        ("networks", "localhost", "token_network_invalid"),
        ("uses", "0", "token_uses_invalid"),
        ("uses", str(MAX_USES + 1), "token_uses_invalid"),
        ("uses", "9" * 5000, "invalid"),
        ("uses", "once", "invalid"),
        ("version", "latest", "token_version_invalid"),
        ("sha256", "abc", "token_digest_invalid"),
        ("sha256", "\0", "null_characters_not_allowed"),
    ],
)
def test_each_mistake_stands_beside_its_field_and_makes_nothing(
    browser: Client, box: Project, field: str, typed: Any, code: str
) -> None:
    sent = form(scope="some", projects=["strong-box"], expires="2030-12-31")
    answer = browser.post(TOKEN, {**sent, field: typed})
    assert (answer.status_code, refused_in(answer)) == (422, code)
    assert error_beside(text_of(answer), field)
    assert not Token.objects.exists()
    assert not Entry.objects.filter(tag="token.made", outcome="done").exists()


def test_all_mistakes_are_told_at_once_and_what_was_typed_stays(browser: Client, box: Project) -> None:
    typed = {"name": "CI", "networks": "10.0.0.0/33", "uses": "once", "version": "latest", "patterns": "*"}
    page = text_of(
        browser.post(TOKEN, form(scope="some", projects=["strong-box"], actions=["yank"], **typed))
    )
    for field in ("networks", "uses", "version", "patterns"):
        assert error_beside(page, field)
    for field, text in typed.items():
        assert value_of(page, field) == text
    assert checked(page) == {"scope=some", "projects=strong-box", "actions=yank"}
    assert '<details class="more" open>' in page


def test_a_token_is_never_wider_than_it_seemed(browser: Client, box: Project) -> None:
    for named in ({"projects": ["strong-box"]}, {"patterns": "acme-*"}):
        answer = browser.post(TOKEN, form(**named))
        assert (answer.status_code, refused_in(answer)) == (422, "token_scope_unclear")
        assert 'class="scope shown"' in text_of(answer)
    answer = browser.post(TOKEN, form(scope="some"))
    assert (answer.status_code, refused_in(answer)) == (422, "token_scope_missing")
    assert error_beside(text_of(answer), "projects")
    assert not Token.objects.exists()


def test_somebody_without_projects_can_name_those_to_come(browser: Client) -> None:
    assert 'name="projects"' not in text_of(browser.get(TOKEN))
    answer = browser.post(TOKEN, form(scope="some"))
    assert error_beside(text_of(answer), "patterns")
    page = main_of(browser.post(TOKEN, form(scope="some", patterns="first-one")))
    assert "For every project of yours with the name first-one, also those to come." in page


def test_a_project_that_is_not_one_s_own_cannot_be_named(browser: Client) -> None:
    publish(person("mallory"), "other")
    answer = browser.post(TOKEN, form(scope="some", projects=["other"]))
    assert (answer.status_code, refused_in(answer)) == (422, "invalid_choice")
    assert not Token.objects.exists()


def test_a_name_is_given_once(browser: Client) -> None:
    browser.post(TOKEN, form())
    answer = browser.post(TOKEN, form())
    assert (answer.status_code, refused_in(answer)) == (409, "token_name_taken")
    assert error_beside(text_of(answer), "name")
    assert Token.objects.count() == 1


def test_where_the_site_limits_tokens_each_has_an_end_within_that(browser: Client) -> None:
    with configured("tokens", max_days=90):
        latest = (clock.now() + timedelta(days=90)).date() - timedelta(days=1)
        page = text_of(browser.get(TOKEN))
        assert value_of(page, "expires") == latest.isoformat()
        assert f"{latest:%b %Y} at the latest." in page
        for typed, code in (
            ("", "token_expiry_required"),
            ((latest + timedelta(days=1)).isoformat(), "token_expiry_too_late"),
        ):
            answer = browser.post(TOKEN, form(expires=typed))
            assert (answer.status_code, refused_in(answer)) == (422, code)
            assert error_beside(text_of(answer), "expires")
        assert not Token.objects.exists()
        assert browser.post(TOKEN, form(expires=latest.isoformat())).status_code == 200


def test_the_new_token_s_page_has_what_is_pasted_where(browser: Client) -> None:
    page = main_of(browser.post(TOKEN, form()))
    secret = page.split('id="token">')[1].split("<")[0]
    for snippet in (
        f"username = __token__\npassword = {secret}",
        f"export UV_PUBLISH_TOKEN={secret}",
        f"export TWINE_PASSWORD={secret}",
        "strongroom token narrow",
    ):
        assert snippet in page
    assert "PIP_INDEX_URL" not in page
    assert "For all of your projects, and those to come." in page
    assert "It may upload." in page


def test_on_a_private_site_a_token_that_may_read_is_shown_to_pip_and_uv(browser: Client) -> None:
    with configured("site", access="private"):
        page = main_of(browser.post(TOKEN, form(actions=["read"])))
        assert "PIP_INDEX_URL" not in main_of(browser.post(TOKEN, form(name="other")))
    secret = page.split('id="token">')[1].split("<")[0]
    assert f"export PIP_INDEX_URL=http://__token__:{secret}@localhost:8000/simple/" in page
    assert f"export UV_DEFAULT_INDEX=http://__token__:{secret}@localhost:8000/simple/" in page
    assert f"machine localhost\nlogin __token__\npassword {secret}" in page
    assert "TWINE" not in page


def test_whoever_lets_only_trusted_publishers_publish_is_told_that_a_token_uploads_nothing(
    alice: User, browser: Client
) -> None:
    assert "a token uploads nothing" not in main_of(browser.get(TOKEN))
    User.objects.filter(pk=alice.pk).update(may_publish=MayPublish.TRUSTED)
    assert "a token uploads nothing" in main_of(browser.get(TOKEN))


def test_the_list_says_what_each_token_may_do_and_how_long(
    alice: User, browser: Client, box: Project
) -> None:
    now = clock.now()
    token_for(alice, name="ends", project=box, actions=("upload",), expires=now + timedelta(days=13))
    token_for(alice, name="lasts", expires=now + timedelta(days=15), uses=1)
    shown = listed(browser)
    assert "For the project Strong.Box. It may upload." in shown
    assert "For one use: a file published, or a release yanked." in shown
    assert shown.count("expires soon") == 1
    assert shown.count("term-soon") == 1
    assert shown.count("Never used.") == 2
    with clock.shifted(timedelta(days=14)):
        shown = listed(browser_of(alice))
    assert shown.count('<span class="badge bad">expired</span>') == 1
    assert shown.count("expires soon") == 1
    assert "It expired on" in shown


def test_the_list_says_when_from_where_and_by_what_a_token_was_used(alice: User, browser: Client) -> None:
    token = token_for(alice).token
    token.last_used, token.last_address = clock.now(), "203.0.113.7"
    token.last_client = "twine/6.2.0 CPython/3.11 <b>" + "x" * 150
    token.save()
    shown = listed(browser)
    assert re.search(r"Last used <time.*</time> from <span[^>]*>203\.0\.113\.7</span>, by twine\.", shown)
    assert "<b>" not in shown
    assert str(token.identifier) in shown


def test_names_and_clients_are_shown_as_text(alice: User, browser: Client) -> None:
    hostile = "<script>alert(1)</script>"
    browser.post(TOKEN, form(name=hostile))
    token = Token.objects.get()
    Token.objects.update(last_used=clock.now(), last_client=f"{hostile}/1", last_address="203.0.113.7")
    for path in (ACCOUNT, f"{TOKEN}{token.pk}/revoke/"):
        page = text_of(browser.get(path))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    page = text_of(browser.post(TOKEN, form(name=hostile, patterns=hostile, scope="some", networks=hostile)))
    assert "<script>alert" not in page


def test_a_token_is_revoked_after_a_question_that_says_what_it_does(
    alice: User, browser: Client, box: Project
) -> None:
    token = token_for(alice, name="Laptop", project=box, actions=("upload",)).token
    path = f"{TOKEN}{token.pk}/revoke/"
    page = main_of(browser.get(path))
    assert "Laptop" in page
    assert "For the project Strong.Box. It may upload. It never expires." in re.sub(
        r"\s*<[^>]+>\s*", " ", page
    )
    assert Token.objects.exists()
    assert location_of(browser.post(path)) == f"{ACCOUNT}#api-tokens"
    assert not Token.objects.exists()


def test_a_token_of_somebody_else_cannot_be_seen_or_revoked(alice: User) -> None:
    # TK-14
    credentials.make_token(alice, name="Laptop", by=as_user(alice))
    path = f"{TOKEN}{Token.objects.get().pk}/revoke/"
    mallory = browser_of(person("mallory"))
    assert (mallory.get(path).status_code, mallory.post(path).status_code) == (404, 404)
    assert "Laptop" not in listed(mallory)
    assert Token.objects.exists()


def test_a_project_s_settings_list_the_tokens_that_name_it_in_the_same_words(
    alice: User, browser: Client, box: Project
) -> None:
    token_for(alice, name="For the box", project=box, actions=("upload",))
    token_for(alice, name="For all")
    shown = main_of(browser.get("/manage/project/strong-box/settings/"))
    assert "For the box" in shown
    assert "It may upload." in shown
    assert "For all" not in shown.replace("For all of", "")
