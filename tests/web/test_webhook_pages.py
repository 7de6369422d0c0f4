"""Webhooks are managed in pages: of one's account, of a project by its owners, and of the site by operators."""

import re
from dataclasses import dataclass

import pytest
from django.test import Client

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.audit.search import EVERYTHING, newest
from strongroom.kernel import clock
from strongroom.webhooks import adding, find
from strongroom.webhooks.counting import MOST
from strongroom.webhooks.models import Delivery, Webhook
from tests.support.configuration import configured
from tests.support.people import as_user, person
from tests.web.browsing import browser_of, location_of, main_of, operator, refused_in, text_of
from tests.web.content import publish
from tests.webhooks.receiving import happens, hook_of_account, hook_of_instance, hook_of_project

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.org/in?key=hunter2"
TYPED = {"url": URL, "scope": "all"}
PATHS = {
    "account": "/manage/account/webhooks/",
    "project": "/manage/project/strong-box/webhooks/",
    "operate": "/operate/webhooks/",
}
KINDS = sorted(PATHS)


@dataclass(frozen=True)
class Keeper:
    """Somebody in the browser, and the page of the webhooks that are theirs."""

    user: User
    client: Client
    path: str

    def one(self) -> str:
        """The page of the only webhook."""
        return f"{self.path}{Webhook.objects.get().public_id}/"


def keeper(kind: str) -> Keeper:
    user = operator() if kind == "operate" else person()
    if kind == "project":
        publish(user)
    return Keeper(user, browser_of(user), PATHS[kind])


def delivered(webhook: Webhook, **fields: object) -> Delivery:
    """An attempt in the log."""
    values = {
        "message": "evt_1", "serial": 1, "tag": "webhook.added", "attempt": 1, "time": clock.now(), "took": 1234,
        "status": 200,
    }  # fmt: skip
    return Delivery.objects.create(webhook=webhook, **values | fields)


@pytest.mark.parametrize("kind", KINDS)
def test_the_secret_is_shown_once_and_signs_what_is_sent(kind: str) -> None:
    at = keeper(kind)
    page = at.client.post(f"{at.path}add/", TYPED)
    shown = re.search(r'id="secret">(whsec_[\w+/=]+)<', text_of(page))
    assert shown
    assert page.headers["Cache-Control"] == "no-store"
    for path in (at.path, at.one(), f"{at.one()}change/"):
        assert shown[1] not in text_of(at.client.get(path))
    rotated = at.client.post(f"{at.one()}secret/")
    again = re.search(r'id="secret">(whsec_[\w+/=]+)<', text_of(rotated))
    assert again
    assert again[1] != shown[1]
    assert rotated.headers["Cache-Control"] == "no-store"
    assert "Two: the one before signs until" in main_of(at.client.get(at.one()))
    assert not any("whsec" in entry.facts + entry.personal for entry in newest(EVERYTHING))


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_is_shown_without_what_may_be_a_secret_in_it(kind: str) -> None:
    at = keeper(kind)
    at.client.post(f"{at.path}add/", TYPED)
    for path in (at.path, at.one(), f"{at.one()}remove/", f"{at.one()}secret/", f"{at.one()}replay/"):
        page = main_of(at.client.get(path))
        assert "https://hooks.example.org/in" in page
        assert "hunter2" not in page
    assert URL in main_of(at.client.get(f"{at.one()}change/"))


@pytest.mark.parametrize(("typed", "code", "field"), [
    ({"url": "hooks.example.org"}, "webhook_address_invalid", "id_url"),
    ({"url": "http://hooks.example.org/"}, "webhook_https_required", "id_url"),
    ({"url": "https://hooks.example.org:25/"}, "webhook_port_refused", "id_url"),
    ({"url": "https://169.254.169.254/"}, "webhook_address_private", "id_url"),
    ({"scope": "some"}, "webhook_events_none", "id_events"),
    ({"scope": "some", "events": ["nonsense"]}, "webhook_events_unknown", "id_events"),
    ({"scope": "some", "events": ["release", "<script>"]}, "webhook_events_unknown", "id_events"),
])  # fmt: skip
@pytest.mark.parametrize("page", ["add", "change"])
def test_a_refusal_stands_beside_its_field(
    page: str, typed: dict[str, object], code: str, field: str
) -> None:
    at = keeper("account")
    if page == "change":
        hook_of_account(at.user, URL)
    before = list(Webhook.objects.values())
    path = f"{at.one()}change/" if page == "change" else f"{at.path}add/"
    answer = at.client.post(path, TYPED | {"active": "on"} | typed)
    assert (answer.status_code, refused_in(answer)) == (422, code)
    assert f'id="{field}_error"' in text_of(answer)
    assert f'href="#{field}"' in text_of(answer)
    assert f' id="{field}"' in text_of(answer)
    assert "<script>" not in main_of(answer).replace("“<script>”", "").replace('value="<script>"', "")
    assert list(Webhook.objects.values()) == before


def test_the_eleventh_is_refused_and_the_list_says_so() -> None:
    at = keeper("account")
    for _number in range(adding.MAX_WEBHOOKS):
        hook_of_account(at.user, URL)
    assert "There are 10 webhooks, which is the most." in main_of(at.client.get(at.path))
    answer = at.client.post(f"{at.path}add/", TYPED)
    assert (answer.status_code, refused_in(answer)) == (409, "webhooks_too_many")
    assert Webhook.objects.count() == adding.MAX_WEBHOOKS


def test_a_kind_as_a_whole_stands_for_its_events() -> None:
    at = keeper("account")
    events = ["release", "release.yanked", "file.uploaded"]
    at.client.post(f"{at.path}add/", TYPED | {"scope": "some", "events": events})
    assert Webhook.objects.get().wanted == ["file.uploaded", "release"]
    page = text_of(at.client.get(f"{at.one()}change/"))
    ticked = re.findall(r'name="events" value="([^"]+)"[^>]* checked', page)
    assert sorted(ticked) == ["file.uploaded", "release"]


@pytest.mark.parametrize(
    ("kind", "offered"),
    [
        ("account", {"session": True, "release": True, "configuration": False}),
        ("project", {"session": False, "release": True, "configuration": False}),
        ("operate", {"session": True, "release": True, "configuration": True}),
    ],
)
def test_only_events_that_can_happen_there_are_offered(kind: str, offered: dict[str, bool]) -> None:
    at = keeper(kind)
    page = text_of(at.client.get(f"{at.path}add/"))
    assert {event: f'name="events" value="{event}"' in page for event in offered} == offered


@pytest.mark.parametrize("kind", KINDS)
def test_seals_are_offered_to_operators_alone(kind: str) -> None:
    at = keeper(kind)
    assert ('name="seals"' in text_of(at.client.get(f"{at.path}add/"))) is (kind == "operate")
    at.client.post(f"{at.path}add/", TYPED | {"seals": "on"})
    assert Webhook.objects.get().sends_seals is (kind == "operate")


def test_a_change_takes_effect_and_can_switch_it_off() -> None:
    at = keeper("project")
    hook_of_project(at.user, URL, name="strong-box")
    typed = {"url": "https://other.example.org/", "scope": "some", "events": ["release.yanked"]}
    assert location_of(at.client.post(f"{at.one()}change/", typed)) == at.one()
    row = Webhook.objects.get()
    assert (row.url, row.wanted, row.active) == ("https://other.example.org/", ["release.yanked"], False)
    assert "Switched off" in main_of(at.client.get(at.one()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_webhook_is_removed_after_asking(kind: str) -> None:
    at = keeper(kind)
    at.client.post(f"{at.path}add/", TYPED)
    delivered(Webhook.objects.get())
    assert "Its secret and its delivery log are deleted" in main_of(at.client.get(f"{at.one()}remove/"))
    assert location_of(at.client.post(f"{at.one()}remove/")) == at.path
    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()


def test_states_are_told_in_words() -> None:
    at = keeper("account")
    webhook = hook_of_account(at.user, URL).webhook
    assert "1 event waits for it." in main_of(at.client.get(at.path))
    delivered(webhook, code="tls", status=None)
    rows = Webhook.objects.filter(pk=webhook.pk)
    rows.update(failures=2, failing_since=clock.now())
    page = main_of(at.client.get(at.path))
    for text in ("waiting", "Its certificate was not accepted", "2 failures in a row since", "Next attempt:"):
        assert text in page
    rows.update(paused=clock.now(), paused_why="gone")
    page = main_of(at.client.get(at.path))
    for text in ("paused", "Its receiver says that it is gone (status 410)."):
        assert text in page


def test_the_webhooks_of_a_frozen_account_say_that_nothing_is_sent() -> None:
    at = keeper("account")
    hook_of_account(at.user, URL)
    User.objects.filter(pk=at.user.pk).update(frozen=clock.now())
    for path in (at.path, at.one()):
        page = main_of(at.client.get(path))
        assert "Nothing is sent while the account is frozen." in page
        assert "held back" in page
        assert "Last attempt" not in page
    User.objects.filter(pk=at.user.pk).update(frozen=None)
    assert "active" in main_of(at.client.get(at.path))


def test_a_paused_webhook_is_resumed() -> None:
    at = keeper("account")
    webhook = hook_of_account(at.user, URL).webhook
    Webhook.objects.update(paused=clock.now(), paused_why="failing", failures=9, failing_since=clock.now())
    assert location_of(at.client.get(f"{at.one()}resume/")) == at.one()
    assert Webhook.objects.get().paused is not None
    assert location_of(at.client.post(f"{at.one()}resume/")) == at.one()
    webhook.refresh_from_db()
    assert (webhook.paused, webhook.failures) == (None, 0)


def test_a_test_message_is_asked_for_until_it_is_too_often() -> None:
    at = keeper("account")
    hook_of_account(at.user, URL)
    at.client.get(f"{at.one()}test/")
    assert Webhook.objects.get().test_asked is None
    for _number in range(20):
        assert location_of(at.client.post(f"{at.one()}test/")) == at.one()
    assert "One is on its way." in main_of(at.client.get(at.one()))
    answer = at.client.post(f"{at.one()}test/")
    assert (answer.status_code, refused_in(answer)) == (429, "too_many_attempts")


def test_a_replay_says_first_how_many_events_it_sends() -> None:
    at = keeper("project")
    webhook = hook_of_project(at.user, URL, name="strong-box", events=("release",)).webhook
    for _number in range(3):
        happens("strong-box", by=as_user(at.user))
    last = newest(EVERYTHING, limit=1)[0].serial
    Webhook.objects.update(serial=last)
    page = at.client.get(f"{at.one()}replay/", {"first": last - 1})
    assert "This sends 2 events once more." in main_of(page)
    assert Webhook.objects.get().serial == last
    assert location_of(at.client.post(f"{at.one()}replay/", {"first": last - 1})) == at.one()
    webhook.refresh_from_db()
    assert webhook.serial == last - 2


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("", "required"), ("0", "min_value"), ("-5", "min_value"), ("x", "invalid"), ("1.5", "invalid"),
        ("999999", "webhook_not_sent_yet"), ("9" * 4000, "webhook_not_sent_yet"),
        ("9" * 5000, "invalid"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_replay_from_nowhere_is_refused(method: str, first: str, code: str) -> None:
    at = keeper("account")
    hook_of_account(at.user, URL)
    before = list(Webhook.objects.values())
    answer = getattr(at.client, method)(f"{at.one()}replay/", {"first": first})
    assert (answer.status_code, refused_in(answer)) == (422, code)
    assert 'id="id_first_error"' in text_of(answer)
    assert list(Webhook.objects.values()) == before
    assert not Entry.objects.filter(tag="webhook.replayed").exists()


def test_counting_ends_where_it_gets_long() -> None:
    at = keeper("account")
    hook_of_account(at.user, URL)
    like = Entry.objects.get(tag="webhook.added")
    Entry.objects.bulk_create(
        [
            Entry(**{
                field.attname: getattr(like, field.attname)
                for field in Entry._meta.concrete_fields
                if not field.primary_key
            })
            for _number in range(MOST)
        ]
    )  # fmt: skip
    assert f"More than {MOST} events wait for it." in main_of(at.client.get(at.path))


def test_the_log_tells_of_each_attempt_and_leads_to_its_event() -> None:
    at = keeper("project")
    webhook = hook_of_project(at.user, URL, name="strong-box").webhook
    happens("strong-box", by=as_user(at.user))
    serial = newest(EVERYTHING, limit=1)[0].serial
    delivered(webhook, serial=serial, message=f"evt_{serial}", tag="release.yanked", attempt=3, status=302,
              code="redirect")  # fmt: skip
    delivered(webhook, serial=None, message="test_1_1", tag="webhook.test", status=None, code="timeout")
    page = main_of(at.client.get(at.one()))
    for text in (
        "alice yanked", "attempt 3", "status 302", "It answered with a redirect, which is not followed.",
        "1.234", "Test message", "No answer within 10 seconds.",
    ):  # fmt: skip
        assert text in page
    assert f"/manage/project/strong-box/history/?serial={serial}" in page
    assert "203.0.113.7" not in page  # AU-11
    assert "Firefox" not in page
    followed = main_of(at.client.get(f"/manage/project/strong-box/history/?serial={serial}"))
    assert "alice yanked" in followed


@pytest.mark.parametrize("kind", ["account", "project"])
def test_an_event_of_somebody_else_s_trail_is_never_told_by_a_log(kind: str) -> None:
    # AU-11
    bob = person("bob")
    publish(bob, "Other")
    happens("other", version="6.6.6", by=as_user(bob))
    foreign = newest(EVERYTHING, limit=1)[0].serial
    at = keeper(kind)
    at.client.post(f"{at.path}add/", TYPED)
    delivered(Webhook.objects.get(), serial=foreign, tag="release.yanked")
    page = main_of(at.client.get(at.one()))
    assert "release.yanked" in page
    assert "6.6.6" not in page
    assert "bob" not in page


def test_pages_of_the_log_stay_while_new_attempts_come() -> None:
    at = keeper("account")
    webhook = hook_of_account(at.user, URL).webhook
    for number in range(find.PAGE + 5):
        delivered(webhook, message=f"evt_number{number:03}x")
    page = main_of(at.client.get(at.one()))
    older = re.search(r'rel="next" href="(\?before=\d+)#log"', page)
    assert older
    delivered(webhook, message="evt_new")
    found = set(re.findall(r"evt_number(\d+)x", main_of(at.client.get(at.one() + older[1]))))
    assert found == {f"{number:03}" for number in range(5)}
    for nonsense in ("x", "-1", "9" * 30, "\u0661"):
        assert "evt_new" in main_of(at.client.get(at.one(), {"before": nonsense}))


def test_what_a_receiver_answers_and_where_it_is_can_forge_nothing() -> None:
    at = keeper("operate")
    webhook = hook_of_instance("https://hooks.example.org/%3Cscript%3E/'onerror='x'").webhook
    delivered(
        webhook, excerpt='<script>alert(1)</script><a href="/evil">log in</a>', status=500, code="status_500"
    )
    delivered(webhook, tag="<img src=x>", message="<i>", serial=999_999)
    for path in (at.path, at.one(), f"{at.one()}remove/"):
        page = text_of(at.client.get(path))
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
        assert "<i>" not in page
        assert "'onerror='" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text_of(at.client.get(at.one()))
    assert "It answered with status 500." in main_of(at.client.get(at.one()))


def test_private_addresses_that_the_configuration_allows_are_taken() -> None:
    at = keeper("account")
    with configured("audit", webhook_networks=("127.0.0.0/8",)):
        answer = at.client.post(f"{at.path}add/", TYPED | {"url": "http://127.0.0.1:8080/x"})
    assert answer.status_code == 200
    assert Webhook.objects.get().url == "http://127.0.0.1:8080/x"
