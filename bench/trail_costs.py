"""``python -m bench.trail_costs ROUNDS ENTRIES``: prints, as JSON, what the audit trail costs on the database of the environment.

One process. Each action is done with its event and without it in turn in every round, so that whatever disturbs one disturbs
both; the time is that of the clock, since most of it is waiting for the disk. Then the trail is filled, sealed, searched and
verified.
"""

import hashlib
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402  (models need Django set up)
from django.urls import reverse  # noqa: E402

from bench import corpus, trail_entries  # noqa: E402
from bench.trail import LEVEL, SEAL, SEARCH, TOKEN, UPLOAD, VERIFY, WITHOUT  # noqa: E402
from strongroom.accounts import register  # noqa: E402
from strongroom.accounts.models import User  # noqa: E402
from strongroom.audit import pseudonyms, sealing, search, trail, verifying  # noqa: E402
from strongroom.audit.models import Entry  # noqa: E402
from strongroom.audit.search import EVERYTHING, Filter, Outcome, Scope  # noqa: E402
from strongroom.blobs.local import LocalBlobs  # noqa: E402
from strongroom.kernel import clock  # noqa: E402
from strongroom.kernel.actor import Actor, ActorKind, Origin  # noqa: E402
from strongroom.kernel.may_publish import MayPublish  # noqa: E402
from strongroom.publish import form  # noqa: E402
from strongroom.publish.identity import Identity  # noqa: E402
from strongroom.publish.permission import permit  # noqa: E402
from strongroom.publish.upload import upload  # noqa: E402
from strongroom.throttle.models import Bucket  # noqa: E402
from tests.web.browsing import browser_of  # noqa: E402

HERE = Origin(address="203.0.113.7", client="twine/7.0.0", request_id="bench")
WARM_UP = 5  # rounds that do not count
SEARCH_ROUNDS = 7
VERIFY_ROUNDS = 3


class Actions:
    """Alice, who does things. ``times``: what -> milliseconds, one for each round."""

    def __init__(self, folder: Path) -> None:
        self.times: dict[str, list[float]] = {}
        self._blobs = LocalBlobs(folder / "blobs")
        self._user: User = register.add_verified(
            "alice", "alice@example.org", "granite umbrella parsnip orbit", by=Actor.console()
        )
        self._actor = Actor(
            kind=ActorKind.USER,
            origin=HERE,
            user_id=self._user.pk,
            username="alice",
            authenticated="password",
        )
        self._browser = browser_of(self._user, SERVER_NAME=settings.CONFIG.hostname)
        self._count = 0

    def round(self) -> None:
        """Everything once with its event, and once without."""
        User.objects.filter(pk=self._user.pk).update(may_publish=MayPublish.PASSWORDS)
        for what, act in ((UPLOAD, self._upload), (TOKEN, self._make_token), (LEVEL, self._choose_level)):
            self._time(what, act)
            with no_events():
                self._time(what + WITHOUT, act)

    def _upload(self) -> Callable[[], object]:
        self._count += 1
        wheel = corpus.small_wheel(f"bench-{self._count // 50}", f"1.{self._count % 50}")
        fields = {
            ":action": ["file_upload"],
            "protocol_version": ["1"],
            "metadata_version": ["2.1"],
            "name": [wheel.name],
            "version": [wheel.version],
            "filetype": ["bdist_wheel"],
            "pyversion": ["py3"],
            "sha256_digest": [hashlib.sha256(wheel.content).hexdigest()],
        }
        filled = form.parse(fields, filename=wheel.filename)
        by = Identity(user_id=self._user.pk, actor=self._actor, epoch=self._user.auth_epoch)

        def act() -> None:
            place = permit(filled.name, filename=filled.filename, by=by)
            with self._blobs.draft() as draft:
                draft.write(wheel.content)
                upload(filled, draft, place=place, blobs=self._blobs, by=by)

        return act

    def _make_token(self) -> Callable[[], object]:
        values = {"name": secrets.token_hex(6), "scope": "all", "actions": ["upload"]}
        return partial(self._submit, "token", values)

    def _choose_level(self) -> Callable[[], object]:
        User.objects.filter(pk=self._user.pk).update(may_publish=MayPublish.PASSWORDS)
        return partial(self._submit, "may-publish", {"level": MayPublish.TOKENS.value})

    def _submit(self, name: str, values: Mapping[str, object]) -> None:
        """Send a form as a signed-in browser does, through the whole of Django."""
        answer = self._browser.post(reverse(name), values)
        if answer.status_code not in {200, 302, 303}:
            raise AssertionError(answer.status_code)

    def _time(self, what: str, prepare: Callable[[], Callable[[], object]]) -> None:
        Bucket.objects.all().delete()
        act = prepare()
        self.times.setdefault(what, []).append(milliseconds(act))


@contextmanager
def no_events() -> Iterator[None]:
    """Leave the entry out, and nothing else."""
    record, trail.record = trail.record, lambda *_event, **_by: None
    try:
        yield
    finally:
        trail.record = record


def milliseconds(act: Callable[[], object]) -> float:
    """How long ``act`` takes."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def searches() -> dict[str, Callable[[], object]]:
    """What people look for, from the widest to the narrowest; the busiest account and project are asked for."""
    now, middle = clock.now(), Entry.objects.order_by("-serial").values_list("serial", flat=True)[0] // 2
    refused_sign_ins = Filter(tags=("session.sign_in",), outcome=Outcome.REFUSED)
    wanted: dict[str, tuple[Scope, Filter, int | None]] = {
        "the newest": (EVERYTHING, Filter(), None),
        "a page in the middle": (EVERYTHING, Filter(), middle),
        "refusals": (EVERYTHING, Filter(outcome=Outcome.REFUSED), None),
        "a rare kind": (EVERYTHING, Filter(tags=("account.frozen",)), None),
        "all kinds of an area": (EVERYTHING, Filter(tags=trail_entries.TOKEN_TAGS), None),
        "refused sign-ins of a week last year": (
            EVERYTHING,
            Filter(
                tags=("session.sign_in",),
                outcome=Outcome.REFUSED,
                since=now - timedelta(days=180),
                until=now - timedelta(days=173),
            ),
            None,
        ),
        "a busy account": (Scope(user_id=1), Filter(), None),
        "its refused sign-ins": (Scope(user_id=1), refused_sign_ins, None),
        "its acts of one area, which it seldom does": (
            Scope(user_id=1),
            Filter(tags=trail_entries.TOKEN_TAGS, until=now - timedelta(days=100)),
            None,
        ),
        "it from an address": (
            Scope(user_id=1),
            Filter(address=pseudonyms.of("203.0.197.200")),
            None,
        ),
        "a reason in a busy project": (
            EVERYTHING,
            Filter(project="project-1", reason="credentials_wrong"),
            None,
        ),
        "what nobody without an account did": (
            EVERYTHING,
            Filter(actor_kind=ActorKind.TOKEN, outcome=Outcome.REFUSED),
            None,
        ),
        "a busy project": (Scope(project="project-1"), Filter(), None),
        "what one person did in one project": (
            EVERYTHING,
            Filter(actor_id=1, project="project-7"),
            None,
        ),
        "what nobody did": (EVERYTHING, Filter(actor_id=1, project="project-1999"), None),
        "an address": (EVERYTHING, Filter(address=pseudonyms.of("203.0.113.7")), None),
        "an address and a kind that it never had": (
            EVERYTHING,
            Filter(address=pseudonyms.of("203.0.113.7"), tags=("account.frozen",)),
            None,
        ),
    }
    return {
        what: partial(search.newest, scope, found, before=before)
        for what, (scope, found, before) in wanted.items()
    }


def measure_trail(entries: int) -> dict[str, list[float]]:
    """Fill the trail and measure what is done with it."""
    trail_entries.fill(entries)
    if connection.vendor == "postgresql":  # whose autovacuum does so within a minute
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    times = {
        SEARCH + what: [milliseconds(ask) for _ in range(SEARCH_ROUNDS)] for what, ask in searches().items()
    }
    took = milliseconds(sealing.seal_all)
    total = Entry.objects.count()
    times[SEAL] = [total / took * 1000]
    for _ in range(VERIFY_ROUNDS):
        times.setdefault(VERIFY, []).append(total / milliseconds(verify) * 1000)
    return times


def verify() -> None:
    """Verify all of it."""
    report = verifying.verify_all(kept={})
    if report.findings or not report.entries:
        raise AssertionError(report.findings[:3])


def main(rounds: int, entries: int) -> None:
    """Measure, and print."""
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    actions = Actions(settings.CONFIG.data)
    for number in range(WARM_UP + rounds):
        if number == WARM_UP:
            actions.times.clear()
        actions.round()
    sys.stdout.write(json.dumps(actions.times | measure_trail(entries)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
