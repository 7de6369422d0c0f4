"""A year of a busy site's audit trail: entries as ``trail.record`` writes them, in bulk."""

import os
from collections.abc import Iterator
from datetime import timedelta
from random import Random

from strongroom.audit import pseudonyms
from strongroom.audit.models import Entry
from strongroom.audit.trail import SALT_BYTES
from strongroom.kernel import clock

USERS, PROJECTS, ADDRESSES = 5000, 2000, 20_000
TOKEN_TAGS = ("token.made", "token.minted", "token.revoked", "token.new_network")
_BATCH = 5000

# tag -> how many of a hundred thousand
_TAGS = {
    "session.sign_in": 45_000,
    "file.uploaded": 35_000,
    "session.ended": 9_000,
    "session.step_up": 5_000,
    "token.made": 3_000,
    "token.revoked": 1_500,
    "token.minted": 900,
    "release.yanked": 300,
    "email.added": 295,
    "account.frozen": 5,
}


def fill(count: int) -> None:
    """Add ``count`` entries of the last year, the same ones each time but for their salts."""
    batch: list[Entry] = []
    for entry in _entries(count):
        batch.append(entry)
        if len(batch) == _BATCH:
            Entry.objects.bulk_create(batch)
            batch.clear()
    Entry.objects.bulk_create(batch)


def _entries(count: int) -> Iterator[Entry]:
    """Few people, projects and addresses do most of it: the n-th does a share of about 1/n."""
    chance = Random(1)
    began = clock.now() - timedelta(days=365)
    step = timedelta(days=365) / count
    tags = chance.choices(list(_TAGS), weights=list(_TAGS.values()), k=count)
    for number, tag in enumerate(tags):
        user = _skewed(chance, USERS)
        address = f"203.0.{113 + _skewed(chance, ADDRESSES) % 100}.{_skewed(chance, 250)}"
        is_refused = tag == "session.sign_in" and chance.random() < 0.1
        salts = os.urandom(4 * SALT_BYTES)
        yield Entry(
            time=began + number * step,
            tag=tag,
            outcome="refused" if is_refused else "done",
            reason="credentials_wrong" if is_refused else "",
            actor_kind="anonymous" if is_refused else "user",
            actor_id=None if is_refused else user,
            actor_name="" if is_refused else f"user{user}",
            authenticated="" if is_refused else "password+totp",
            subject_id=user,
            project=f"project-{_skewed(chance, PROJECTS)}" if tag[0] in "fr" else "",
            facts=f'{{"filename":"demo-1.0.tar.gz","sha256":"{number:064x}","size":1000}}',
            address=address,
            address_pseudonym=pseudonyms.of(address),
            client="twine/7.0.0 CPython/3.11.2",
            client_family="twine/",
            request_id=f"{number:016x}",
            body_salt=salts[:SALT_BYTES],
            origin_salt=salts[SALT_BYTES : 2 * SALT_BYTES],
            person_salt=salts[2 * SALT_BYTES : 3 * SALT_BYTES],
            context_salt=salts[3 * SALT_BYTES :],
        )


def _skewed(chance: Random, most: int) -> int:
    return int(most ** chance.random())
