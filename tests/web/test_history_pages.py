"""The trail for people: one's own, that of a project for its owners; search, pages, details and picture."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from strongroom.accounts.models import User
from strongroom.audit import sealing
from strongroom.audit.models import Entry
from strongroom.audit.search import PAGE, Scope
from strongroom.kernel import clock
from strongroom.projects.models import Role
from strongroom.signin.events import SessionEnded, SignIn
from strongroom.web.audit import picture
from tests.support.people import person
from tests.web.browsing import browser_of, location_of, main_of, refused_in, text_of
from tests.web.content import publish
from tests.web.trails import happened, shown, somebody, uploaded

pytestmark = pytest.mark.django_db

OWN = "/manage/account/history/"
OF_PROJECT = "/manage/project/strong-box/history/"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    return browser_of(alice)


def link_named(text: str, name: str) -> str:
    """Where a link of the page's navigation leads; empty where there is none."""
    found = re.search(rf'href="([^"]*)">{name}</a>', text)
    return found[1] if found else ""


def test_the_account_shows_the_newest_few_events_and_leads_to_all(browser: Client, alice: User) -> None:
    serials = [happened(SessionEnded(subject_id=alice.pk), by=somebody(alice)) for _ in range(20)]
    text = main_of(browser.get("/manage/account/"))
    assert shown(text) == serials[::-1][:8]
    assert f'href="{OWN}"' in text


def test_what_the_form_sends_gets_an_address_without_what_is_empty(browser: Client) -> None:
    empty = {"q": "", "actor": " ", "what": "session", "outcome": ""}
    assert location_of(browser.get(OWN, query_params=empty)) == f"{OWN}?what=session"
    assert browser.get(f"{OWN}?what=session").status_code == 200
    assert location_of(browser.get(OWN, query_params={"q": ""})) == f"{OWN}?"
    assert browser.get(f"{OWN}?").status_code == 200


def test_an_event_says_what_happened_when_and_all_that_is_known_of_it(browser: Client, alice: User) -> None:
    with clock.frozen(NOON):
        serial = happened(
            SignIn(subject_id=alice.pk, method="password"),
            by=somebody(alice, client="tool/1.0"),
            refused="totp_wrong",
        )
    text = main_of(browser.get(OWN, query_params={"serial": str(serial)}))
    assert shown(text) == [serial]
    for part in (
        '<span class="badge bad">refused</span>',  # not by color alone
        '<time datetime="2026-01-31T12:00:00+00:00">31 Jan 2026, 12:00 UTC',
        '<time datetime="2026-01-31T12:00:00.000000+00:00">2026-01-31 12:00:00</time>',
        "ago</span>",
        f"<dd>{serial}</dd>",
        "session.sign_in</code>",
        "totp_wrong</code>",
        "203.0.113.9",
        "tool/1.0",
        "00c0ffee00c0ffee</code>",
        "s-c0ffee</code>",
        "<dd>password and code</dd>",
        "Not sealed yet",
    ):
        assert part in text, part


def test_a_sealed_event_says_so(browser: Client, alice: User) -> None:
    serial = happened(SessionEnded(subject_id=alice.pk), by=somebody(alice))
    sealing.seal_all()
    assert "Sealed: nobody can change" in main_of(browser.get(OWN, query_params={"serial": str(serial)}))


def test_of_what_others_did_to_the_account_nobody_learns_from_where(browser: Client, alice: User) -> None:
    bob = person("bob")
    serial = happened(SessionEnded(subject_id=alice.pk), by=somebody(bob, address="198.51.100.99"))  # AU-11
    text = text_of(browser.get(OWN, query_params={"serial": str(serial)}))
    assert shown(text) == [serial]
    for hidden in ("198.51.100.99", "s-c0ffee", "00c0ffee00c0ffee", "Firefox on Linux"):
        assert hidden not in text.replace("Windows", "")
    for asked in ({"address": "198.51.100.99"}, {"request_id": "00c0ffee00c0ffee"}):
        assert serial not in shown(text_of(browser.get(OWN, query_params=asked)))


def test_nobody_sees_what_others_did_to_others(browser: Client) -> None:  # AU-11
    bob = person("bob")
    serial = happened(SessionEnded(subject_id=bob.pk), by=somebody(bob))
    assert serial not in shown(text_of(browser.get(OWN)))
    assert refused_in(browser.get(OWN, query_params={"q": str(serial)})) == "audit_nothing_found"


def test_names_and_clients_that_strangers_chose_are_only_text(browser: Client, alice: User) -> None:  # AU-07
    hostile = "<script>alert(1)</script>\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}\r\nforged"
    serial = happened(
        SignIn(subject_id=alice.pk, method="password"), by=somebody(client=hostile), refused="password_wrong"
    )
    text = text_of(browser.get(OWN, query_params={"serial": str(serial)}))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert not {"\x1b", "\N{RIGHT-TO-LEFT OVERRIDE}"} & set(text)


def test_filters_narrow_what_is_shown_and_stay_in_the_form(browser: Client, alice: User) -> None:
    happened(SessionEnded(subject_id=alice.pk), by=somebody(alice))
    serial = happened(
        SignIn(subject_id=alice.pk, method="password"),
        by=somebody(address="198.51.100.5"),
        refused="totp_wrong",
    )
    asked = {"what": "session.sign_in", "outcome": "refused", "address": "198.51.100.5", "actor": "anonymous"}
    text = text_of(browser.get(OWN, query_params=asked))
    assert shown(text) == [serial]
    assert 'value="198.51.100.5"' in text
    assert '<option value="session.sign_in" selected>' in text
    assert main_of(browser.get(OWN, query_params=asked)).count("(take away)") == 4


def test_a_kind_of_events_can_be_asked_for_as_a_whole(browser: Client, alice: User) -> None:
    serials = [
        happened(SessionEnded(subject_id=alice.pk), by=somebody(alice)),
        happened(SignIn(subject_id=alice.pk, method="password"), by=somebody(alice)),
    ]
    text = text_of(browser.get(OWN, query_params={"what": "session"}))
    assert shown(text)[:2] == serials[::-1]
    assert '<optgroup label="Logging in">' in text


def test_all_mistakes_are_told_at_once_each_beside_its_field(browser: Client) -> None:
    asked = {"since": "soon", "until": "2026-02-30", "actor": "nobody-at-all", "address": "home"}
    answer = browser.get(OWN, query_params=asked)
    text = main_of(answer)
    assert answer.status_code == 422
    assert text.count('class="field-error"') == 4
    assert not shown(text)
    for name in asked:
        assert f'id="id_trail_{name}_error"' in text


@pytest.mark.parametrize("asked", [{"before": "x"}, {"after": "-1"}, {"before": "5", "after": "5"}])
def test_a_place_that_is_none_is_refused(browser: Client, asked: dict[str, str]) -> None:
    answer = browser.get(OWN, query_params=asked)
    assert (answer.status_code, refused_in(answer)) == (422, "audit_serial_invalid")


def test_pages_stay_where_they_are_while_new_events_come(browser: Client, alice: User) -> None:
    serials = [happened(SessionEnded(subject_id=alice.pk), by=somebody(alice)) for _ in range(120)][::-1]
    asked = {"what": "session.ended"}
    first = text_of(browser.get(OWN, query_params=asked))
    assert shown(first) == serials[:50]
    assert not link_named(first, "Newer")
    older = link_named(first, "Older").replace("&amp;", "&")
    newcomer = happened(SessionEnded(subject_id=alice.pk), by=somebody(alice))
    second = text_of(browser.get(OWN + older))
    assert shown(second) == serials[50:100]
    third = text_of(browser.get(OWN + link_named(second, "Older").replace("&amp;", "&")))
    assert shown(third) == serials[100:]
    assert not link_named(third, "Older")
    back = text_of(browser.get(OWN + link_named(second, "Newer").replace("&amp;", "&")))
    assert shown(back) == serials[:50]
    assert newcomer in shown(text_of(browser.get(OWN + link_named(back, "Newer").replace("&amp;", "&"))))
    assert "what=session.ended" in link_named(second, "Newest")


def test_a_page_costs_as_many_queries_with_fifty_events_as_with_one(browser: Client, alice: User) -> None:
    bob = person("bob")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(OWN, query_params={"what": "session.ended"}).status_code == 200
        return len(asked)

    happened(SessionEnded(subject_id=alice.pk), by=somebody(alice))
    one = queries()
    for _ in range(PAGE // 2):
        happened(SessionEnded(subject_id=bob.pk), by=somebody(alice))
        happened(SessionEnded(subject_id=alice.pk), by=somebody(bob))
    assert queries() == one
    assert one <= 14


# ---- The search box -------------------------------------------------------------------------------------------------


def test_what_is_one_thing_is_gone_to_at_once(browser: Client, alice: User) -> None:
    happened(SignIn(subject_id=alice.pk, method="password"), by=somebody(), refused="totp_wrong")
    found = {
        text: location_of(browser.get(OWN, query_params={"q": text, "outcome": "refused"}))
        for text in ("203.0.113.9", "totp_wrong", "session.sign_in", "00c0ffee00c0ffee", "anonymous")
    }
    assert found == {
        "203.0.113.9": f"{OWN}?outcome=refused&address=203.0.113.9",
        "totp_wrong": f"{OWN}?outcome=refused&reason=totp_wrong",
        "session.sign_in": f"{OWN}?outcome=refused&what=session.sign_in",
        "00c0ffee00c0ffee": f"{OWN}?outcome=refused&request_id=00c0ffee00c0ffee",
        "anonymous": f"{OWN}?outcome=refused&actor=anonymous",
    }


def test_what_is_several_things_is_asked_about(browser: Client, alice: User) -> None:
    happened(uploaded("alice-1.0.tar.gz", project="alice"), by=somebody(alice))
    text = main_of(browser.get(OWN, query_params={"q": "alice"}))
    assert "“alice” is more than one thing here" in text
    assert 'href="?actor=alice"' in text
    assert 'href="?project=alice"' in text
    assert not shown(text)


def test_what_is_nothing_is_said_so_beside_the_box(browser: Client) -> None:
    answer = browser.get(OWN, query_params={"q": "' OR 1=1 --"})
    assert (answer.status_code, refused_in(answer)) == (422, "audit_nothing_found")
    assert 'id="id_trail_q_error"' in text_of(answer)


def test_a_null_character_is_looked_for_in_vain(browser: Client) -> None:
    for name in ("q", "actor", "project", "what", "reason", "request_id", "serial", "since", "days"):
        assert browser.get(OWN, query_params={name: "a\0b"}).status_code in {200, 422}


# ---- A project ------------------------------------------------------------------------------------------------------


def test_owners_see_their_project_without_where_people_came_from(browser: Client, alice: User) -> None:
    publish(alice)
    bob = person("bob")
    serial = happened(uploaded("a.whl"), by=somebody(bob, address="198.51.100.99"))  # AU-11
    text = text_of(browser.get(OF_PROJECT, query_params={"actor": "bob"}))
    assert shown(text) == [serial]
    for hidden in (
        "198.51.100.99",
        "s-c0ffee",
        "00c0ffee00c0ffee",
        "id_trail_address",
        "id_trail_request_id",
    ):
        assert hidden not in text
    assert "Only the operators of this site see where other people come from." in text


@pytest.mark.parametrize(
    "asked", [{"address": "198.51.100.99"}, {"request_id": "00c0ffee00c0ffee"}, {"q": "198.51.100.99"}]
)
def test_owners_can_not_find_people_by_where_they_came_from(
    browser: Client, alice: User, asked: dict[str, str]
) -> None:  # AU-11
    publish(alice)
    happened(uploaded("a.whl"), by=somebody(person("bob"), address="198.51.100.99"))
    happened(uploaded("b.whl"), by=somebody(person("carol"), address="203.0.113.200"))
    with_it, without_it = browser.get(OF_PROJECT, query_params=asked), browser.get(OF_PROJECT)
    if "q" in asked:
        assert refused_in(with_it) == "audit_nothing_found"
    else:  # a filter that is not offered is no filter
        assert shown(text_of(with_it)) == shown(text_of(without_it))


def test_a_project_shows_nothing_of_another(browser: Client, alice: User) -> None:
    publish(alice)
    serial = happened(uploaded("vault-1.0.tar.gz", project="vault"), by=somebody(alice))
    assert serial not in shown(text_of(browser.get(OF_PROJECT)))
    asked = {"project": "vault"}
    assert serial not in shown(text_of(browser.get(OF_PROJECT, query_params=asked)))


def test_whoever_owns_a_project_no_more_sees_its_history_no_more(browser: Client, alice: User) -> None:
    publish(alice)
    assert browser.get(OF_PROJECT).status_code == 200
    Role.objects.filter(user=alice).update(kind=Role.Kind.MAINTAINER)
    assert refused_in(browser.get(OF_PROJECT)) == "project_not_owned"
    assert f'href="{OF_PROJECT}"' not in text_of(browser.get("/manage/project/strong-box/releases/"))
    Role.objects.filter(user=alice).delete()
    assert refused_in(browser.get(OF_PROJECT)) == "project_not_yours"


def test_another_spelling_of_the_project_leads_to_its_page(browser: Client, alice: User) -> None:
    publish(alice)
    answer = browser.get("/manage/project/Strong.Box/history/", query_params={"outcome": "done"})
    assert location_of(answer) == f"{OF_PROJECT}?outcome=done"


# ---- The picture ----------------------------------------------------------------------------------------------------


@pytest.fixture
def january(alice: User) -> Iterator[User]:
    """Three sign-ins today, one of them refused, one two days ago, and one a month before that."""
    Entry.objects.all()._raw_delete(Entry.objects.db)  # what made the account is of another time
    for days, refused in ((0, ""), (0, ""), (0, "totp_wrong"), (2, ""), (40, "")):
        with clock.frozen(NOON - timedelta(days=days)):
            happened(SignIn(subject_id=alice.pk, method="password"), by=somebody(alice), refused=refused)
    with clock.frozen(NOON):
        yield alice


def test_a_picture_counts_by_days(january: User) -> None:
    drawn = picture.of(Scope(user_id=january.pk), days=30)
    assert {series.name: series.total for series in drawn.series} == {
        "sign-ins": 3,
        "refusals": 1,
        "publishes": 0,
    }
    assert drawn.rows[0] == (NOON.date(), [2, 1, 0])
    assert drawn.rows[2] == (NOON.date() - timedelta(days=2), [1, 0, 0])
    assert len(drawn.rows) == 30
    assert [bar.height for bar in drawn.series[0].bars] == [24, 48]


def test_a_picture_of_a_quarter_counts_by_weeks_that_end_today(january: User) -> None:
    drawn = picture.of(Scope(user_id=january.pk), days=90)
    assert (len(drawn.rows), drawn.rows[0]) == (13, (NOON.date() - timedelta(days=6), [3, 1, 0]))
    assert sum(counts[0] for _day, counts in drawn.rows) == 4


def test_a_picture_tells_where_it_stopped_to_count(january: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "COUNTED", 2)
    drawn = picture.of(Scope(user_id=january.pk), days=30)
    assert drawn.counted_from == NOON
    assert drawn.series[0].total + drawn.series[1].total == 2


def test_the_numbers_of_a_picture_stand_below_it_as_a_table(browser: Client, alice: User) -> None:
    happened(SignIn(subject_id=alice.pk, method="password"), by=somebody(alice))
    text = main_of(browser.get(OWN))
    assert text.count('<svg role="img"') == 3
    assert text.count('<th scope="row">') == 30
    assert 'style="' not in text  # the CSP would drop it
    assert 'aria-current="true">30 days</a>' in text
