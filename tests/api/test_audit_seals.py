"""Programs read seals, to hold the site to its trail."""

import pytest

from strongroom.audit import sealing
from strongroom.audit.models import Seal
from strongroom.audit.proof import seal as proof
from tests.api.asking import bearer
from tests.api.calling import Api
from tests.api.watching import auditing_token, happen, make_operator, refusal
from tests.support.people import as_user, person

pytestmark = pytest.mark.django_db(transaction=True)


def test_seals_are_given_by_number_and_prove_themselves(api: Api) -> None:
    alice = person()
    token = auditing_token(alice)
    assert api.get("/api/audit/head", headers=bearer(token)).json() == {"seal": None}
    sealing.seal_all()
    happen(as_user(alice))
    sealing.seal_all()
    head = api.get("/api/audit/head", headers=bearer(token)).json()["seal"]
    assert refusal(api, token, path="/api/audit/seals") == (403, "not_operator")
    make_operator(alice)
    first = api.get("/api/audit/seals?limit=1", headers=bearer(token)).json()
    second = api.get(f"/api/audit/seals?after={first['next']}", headers=bearer(token)).json()
    seals = [proof.from_document(document) for document in [*first["seals"], *second["seals"]]]
    assert [seal.statement.number for seal in seals] == [1, 2]
    assert second["seals"] == [head]
    assert all(seal.is_genuine() for seal in seals)
    assert seals[1].statement.previous == seals[0].statement.hash()
    key = api.get("/api/audit/key").json()
    assert key == {"algorithm": "Ed25519", "key": head["key"]}
    assert api.get("/api/audit/seals?after=2", headers=bearer(token)).json() == {"seals": [], "next": 2}


def test_what_is_no_seal_is_not_given_as_the_newest(api: Api) -> None:  # AU-01
    token = auditing_token(person())
    sealing.seal_all()
    Seal.objects.update(root="none")
    assert api.get("/api/audit/head", headers=bearer(token)).json() == {"seal": None}
