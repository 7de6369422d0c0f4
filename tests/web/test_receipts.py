"""The receipt of an event: it proves the event without the site, and tells nobody more than the page does."""

import json
from typing import Any

import pytest

from strongroom.accounts.models import User
from strongroom.audit import sealing
from strongroom.audit.models import Entry, Seal
from strongroom.audit.proof import receipt
from strongroom.audit.proof.receipt import NotProven
from strongroom.kernel.actor import Actor
from strongroom.projects.models import Project
from tests.support.people import as_user, person, visitor
from tests.tokens.making import token_for
from tests.web.browsing import browser_of, main_of, nobody, operator, refused_in, text_of
from tests.web.content import publish
from tests.web.history import fill, name_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return person()


def own(serial: int) -> str:
    return f"/manage/account/history/{serial}/receipt/"


def document_of(answer: Any) -> dict[str, Any]:
    return dict(json.loads(text_of(answer)))


def key() -> str:
    return text_of(nobody().get("/.well-known/strongroom-audit-key")).strip()


def test_a_receipt_proves_its_event_to_whoever_has_the_key(alice: User) -> None:
    serial = name_key("blue", subject_id=alice.pk, by=as_user(alice))
    sealing.seal_all()
    answer = browser_of(alice).get(own(serial))
    row = receipt.verify(document_of(answer), keys=frozenset({key()}))
    assert (row.serial, row.tag, json.loads(row.personal)) == (serial, "factor.key_added", {"name": "blue"})
    assert row.address == "203.0.113.7"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="strongroom-receipt-{serial}.json"'


def test_while_something_writes_for_long_an_event_is_not_sealed_and_one_is_told_when(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial = name_key("blue", subject_id=alice.pk, by=as_user(alice))
    client = browser_of(alice)
    monkeypatch.setattr(sealing, "settled", lambda: None)
    answer = client.get(own(serial))
    assert (answer.status_code, refused_in(answer), answer.headers["Retry-After"]) == (
        409,
        "event_unsealed",
        "60",
    )
    assert not Seal.objects.exists()
    monkeypatch.undo()
    assert document_of(client.get(own(serial)))["entry"]["serial"] == serial


def test_a_receipt_with_another_word_proves_nothing(alice: User) -> None:
    # AU-01
    serial = name_key("blue", subject_id=alice.pk, by=as_user(alice))
    document = document_of(browser_of(alice).get(own(serial)))
    document["entry"]["person"]["personal"] = '{"name":"green"}'
    with pytest.raises(NotProven) as refusal:
        receipt.verify(document, keys=frozenset({key()}))
    assert refusal.value.code == "entry_not_sealed"


def test_an_event_that_is_not_sealed_yet_is_sealed_at_once(alice: User) -> None:
    serial = name_key("blue", subject_id=alice.pk, by=as_user(alice))
    assert not Seal.objects.exists()
    document = document_of(browser_of(alice).get(own(serial)))
    assert receipt.verify(document, keys=frozenset({key()})).serial == serial
    assert Seal.objects.count() == 1


def test_nobody_makes_a_seal_for_each_of_many_events(alice: User) -> None:
    browser, codes = browser_of(alice), []
    for number in range(31):
        serial = name_key(str(number), subject_id=alice.pk, by=as_user(alice))
        codes.append(refused_in(browser.get(own(serial))))
    assert codes == [*[""] * 30, "too_many_attempts"]


def test_where_others_came_from_stands_in_no_receipt(alice: User) -> None:
    # AU-11
    bob = person("bob")
    publish(alice)
    fill(1, subject_id=alice.pk, project="strong-box")
    of_project = Entry.objects.order_by("-serial").values_list("serial", flat=True)[0]
    by_bob = name_key("blue", subject_id=alice.pk, by=as_user(bob))
    browser = browser_of(alice)
    for path in (own(by_bob), f"/manage/project/strong-box/history/{of_project}/receipt/"):
        document = document_of(browser.get(path))
        assert set(document["entry"]["origin"]) == {"hash"}
        assert receipt.verify(document, keys=frozenset({key()})).address == ""


def test_the_networks_of_tokens_of_others_stand_in_no_receipt(alice: User) -> None:
    # AU-11
    bob = person("bob")
    publish(alice)
    project = Project.objects.get(normalized="strong-box")
    token_for(bob, project=project, networks=("198.51.100.77/32",))
    serial = Entry.objects.get(tag="token.made", actor_id=bob.pk).serial
    answer = browser_of(alice).get(f"/manage/project/strong-box/history/{serial}/receipt/")
    assert b"198.51.100.77" not in answer.content
    assert receipt.verify(document_of(answer), keys=frozenset({key()})).serial == serial


def test_strangers_are_seen_by_those_whom_they_tried(alice: User) -> None:
    serial = name_key("blue", subject_id=alice.pk, by=visitor("198.51.100.9"))
    document = document_of(browser_of(alice).get(own(serial)))
    assert document["entry"]["origin"]["address"] == "198.51.100.9"


def test_an_event_of_others_has_no_receipt_here(alice: User) -> None:
    # AU-11
    publish(alice)
    serial = name_key("blue", subject_id=alice.pk, by=as_user(alice))
    assert browser_of(person("mallory")).get(own(serial)).status_code == 404
    assert browser_of(alice).get(f"/manage/project/strong-box/history/{serial}/receipt/").status_code == 404
    assert browser_of(alice).get(own(2**63)).status_code == 404
    assert not Seal.objects.exists()


def test_operators_have_receipts_of_everything(alice: User) -> None:
    serial = name_key("blue", subject_id=alice.pk, by=as_user(alice))
    document = document_of(browser_of(operator()).get(f"/operate/audit/{serial}/receipt/"))
    assert document["entry"]["origin"]["address"] == "203.0.113.7"


def test_the_key_is_published_in_one_line_and_on_the_page_about_security() -> None:
    answer = nobody().get("/.well-known/strongroom-audit-key")
    assert text_of(answer) == f"{sealing.public_key()}\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert sealing.public_key() in main_of(nobody().get("/security/"))


def test_an_event_that_was_put_into_a_sealed_range_is_not_proven(alice: User) -> None:
    # AU-01
    first = name_key("blue", subject_id=alice.pk, by=as_user(alice))
    name_key("green", subject_id=alice.pk, by=Actor.console())
    sealing.seal_all()
    Seal._base_manager.update(leaves=b"")
    answer = browser_of(alice).get(own(first))
    assert (answer.status_code, refused_in(answer)) == (409, "event_unprovable")
