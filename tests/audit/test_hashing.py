"""Hashing entries in several processes."""

import os
import random

import pytest

from strongroom.audit import hashing
from strongroom.audit.models import Entry
from tests.audit.tampering import make_trail, run, verified
from tests.support.racing import database_here

pytestmark = pytest.mark.django_db(transaction=True)


def test_several_processes_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:  # AU-01
    trail = make_trail(random.Random(5))
    changed, removed, emptied = trail.serials[3], trail.serials[20], trail.serials[-2]
    run("UPDATE audit_entry SET actor_name = 'mallory' WHERE serial = %s", changed)
    run("DELETE FROM audit_entry WHERE serial = %s", removed)
    run("UPDATE audit_entry SET client = '', address = '', origin_salt = NULL WHERE serial = %s", emptied)
    alone = verified(trail)

    for name, value in database_here().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(hashing, "MANY", 20)
    monkeypatch.setattr(hashing, "_SPAN", 10)
    hashed_here = []
    monkeypatch.setattr(hashing, "hashed", lambda *_: hashed_here.append(1))

    assert verified(trail) == alone
    assert alone.entries == Entry.objects.count() > 50
    assert {changed, removed, emptied} <= {finding.serial for finding in alone.findings}
    assert not hashed_here
