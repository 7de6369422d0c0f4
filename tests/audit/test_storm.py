"""Ten thousand actions from eight processes while two of them seal: every effect has its events, and the trail holds."""

import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from strongroom.accounts.models import EmailAddress, User
from strongroom.audit import sealing, seals_file
from strongroom.audit.models import Entry, Seal
from strongroom.audit.verifying import verify_all
from strongroom.projects.models import File, Project
from strongroom.tokens.models import Token
from tests.audit.storm import PROCESSES, run_all
from tests.support.configuration import configured
from tests.support.people import person
from tests.support.racing import database_here

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ACTIONS = int(os.environ.get("STORM_ACTIONS", "10000"))  # noqa: TID251  (more of them by night)


def test_a_storm_of_actions_leaves_exactly_their_events(tmp_path: Path) -> None:  # AU-04, CC-05
    for number in range(PROCESSES):
        person(f"person{number}")
        person(f"other{number}")
    file = str(tmp_path / "seals.jsonl")
    done = run_all(ACTIONS, database_here() | {"STRONGROOM_AUDIT__SEALS_FILE": file})
    actions = [action for process in done for action in process]
    assert len(actions) == ACTIONS // PROCESSES * PROCESSES
    assert len({action["verb"] for action in actions}) == 12

    events: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for serial, tag, request in Entry.objects.order_by("serial").values_list("serial", "tag", "request_id"):
        events[request].append((serial, tag))
    for action in actions:  # every effect has exactly its events, and what was undone has none
        assert sorted(tag for _, tag in events[action["request"]]) == action["tags"], action
    for process in done:  # in the order in which each process acted
        serials = [serial for action in process for serial, _ in events[action["request"]]]
        assert serials == sorted(serials)
    assert rows() == effects(actions)

    sealed_meanwhile = Seal.objects.count()
    sealing.seal_all()
    with configured("audit", seals_file=file):
        seals_file.catch_up()
        kept, wrong = seals_file.read()
    report = verify_all(kept=kept)
    assert (wrong, report.findings) == ([], [])
    assert (report.unsealed, report.seals, len(kept)) == (0, Seal.objects.count(), Seal.objects.count())
    assert sealed_meanwhile > 10
    assert report.entries == Entry.objects.count()


def rows() -> dict[str, int]:
    """What there is in the end."""
    return {
        "tokens": Token.objects.count(),
        "addresses": EmailAddress.objects.filter(primary=False).count(),
        "projects": Project.objects.count(),
        "files": File.objects.count(),
        "yanked": File.objects.exclude(yanked=None).count(),
        "disabled": User.objects.filter(disabled=True).count(),
    }


def effects(actions: list[dict[str, object]]) -> dict[str, int]:
    """What there must be, by the events that were recorded as done."""
    done = Counter(
        Entry.objects.filter(outcome="done").exclude(request_id="test").values_list("tag", flat=True)
    )
    return {
        "tokens": done["token.made"] - done["token.revoked"],
        "addresses": done["email.added"] - done["email.removed"] - 2 * PROCESSES,
        "projects": done["project.created"],
        "files": done["file.uploaded"],
        "yanked": done["release.yanked"],
        "disabled": done["account.disabled"] - done["account.enabled"],
    }
