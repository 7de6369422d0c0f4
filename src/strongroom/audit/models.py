"""The rows of the audit trail."""

from typing import Any, ClassVar, NoReturn

import orjson
from django.db import models


class AppendOnly(Exception):
    """Somebody tried to change or delete what has been recorded."""


class _AppendOnlyRows(models.QuerySet["Entry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class Entry(models.Model):
    """One event. It has no foreign keys on purpose: it outlives the account, token and project that it names.

    Four parts of it can be redacted each for itself, and the seal still holds (``proof.row``): the ``body`` (what happened), the
    ``context`` (how the author was known, and pseudonyms of where from), the ``origin`` (``address`` and ``client``) and the
    ``person`` (``actor_name`` and ``personal``). A part has a salt while it is there, and a hash from when it was redacted.

    ``facts`` and ``personal`` are JSON objects as text: the very bytes that are sealed. ``address_pseudonym`` and
    ``client_family`` stay when the origin goes.
    """

    serial = models.BigAutoField(primary_key=True)
    time = models.DateTimeField()
    tag = models.CharField(max_length=80)

    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=80, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    subject_id = models.BigIntegerField(null=True)
    project = models.CharField(max_length=100, blank=True)
    facts = models.TextField(default="{}")
    body_salt = models.BinaryField(max_length=16, null=True)
    body_hash = models.BinaryField(max_length=32, null=True)

    authenticated = models.CharField(max_length=40, blank=True)
    credential = models.CharField(max_length=40, blank=True)
    address_pseudonym = models.CharField(max_length=16, blank=True)
    client_family = models.CharField(max_length=60, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    context_salt = models.BinaryField(max_length=16, null=True)
    context_hash = models.BinaryField(max_length=32, null=True)

    address = models.CharField(max_length=45, blank=True)
    client = models.CharField(max_length=200, blank=True)
    origin_salt = models.BinaryField(max_length=16, null=True)
    origin_hash = models.BinaryField(max_length=32, null=True)

    actor_name = models.CharField(max_length=100, blank=True)
    personal = models.TextField(default="{}")
    person_salt = models.BinaryField(max_length=16, null=True)
    person_hash = models.BinaryField(max_length=32, null=True)

    objects: ClassVar[models.Manager["Entry"]] = _AppendOnlyRows.as_manager()

    @property
    def details(self) -> dict[str, Any]:
        """The event's own fields, so far as they are not redacted."""
        return {**orjson.loads(self.facts), **orjson.loads(self.personal)}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an entry that is there already stays as it is."""
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Never."""
        raise AppendOnly

    class Meta:
        # What follows the serial is for filters: of what is busy they are answered by the index alone. PostgreSQL would read a
        # row for each time that it compares, and so has that in the index, too (SQLite leaves ``include`` out).
        indexes = [
            models.Index(
                fields=["subject_id", "-serial", "tag", "outcome", "actor_id", "project"],
                include=["time"],
                name="audit_by_subject",
            ),
            # Those without an author are many, and no planner knows it: they are in an index of their own alone.
            models.Index(
                fields=["actor_id", "-serial", "tag", "outcome", "project", "subject_id"],
                include=["time"],
                name="audit_by_actor",
                condition=models.Q(actor_id__isnull=False),
            ),
            models.Index(
                fields=["actor_kind", "-serial", "tag", "outcome", "reason", "project", "subject_id"],
                include=["time"],
                name="audit_nameless",
                condition=models.Q(actor_id__isnull=True),
            ),
            models.Index(
                fields=["project", "-serial", "tag", "outcome", "actor_id"],
                include=["time"],
                name="audit_by_project",
            ),
            models.Index(fields=["tag", "-serial", "outcome"], name="audit_by_tag"),
            models.Index(
                fields=[
                    "address_pseudonym",
                    "-serial",
                    "tag",
                    "outcome",
                    "actor_id",
                    "subject_id",
                    "project",
                ],
                name="audit_by_address",
            ),
            models.Index(fields=["time"], name="audit_by_time"),
            models.Index(fields=["request_id"], name="audit_by_request"),
            models.Index(
                fields=["reason", "-serial", "tag", "actor_id", "actor_kind", "subject_id", "project"],
                include=["time"],
                name="audit_by_reason",
                condition=models.Q(outcome="refused"),
            ),
            models.Index(
                fields=["-serial", "tag"], name="audit_refusals", condition=models.Q(outcome="refused")
            ),
        ]


class Seal(models.Model):
    """The proof of one range of entries, from ``first`` to ``last`` inclusive (``proof.seal``); written once, by ``sealing``.

    ``leaves`` holds 40 bytes for each entry, its serial (8, big-endian) and its leaf hash (32), so that a changed entry can be
    named; serials that are missing there never came to be, since their transactions were undone.
    """

    number = models.BigIntegerField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    count = models.IntegerField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    time = models.CharField(max_length=27)
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    leaves = models.BinaryField()


class Tally(models.Model):
    """How many sealed entries of one kind and outcome there are of one day (UTC); for pictures, not for proofs."""

    day = models.DateField()
    tag = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10)
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "tag", "outcome"], name="audit_tally_once"),
        ]


class Cursor(models.Model):
    """How far a follower of the trail (``following``) has come: the serial of the last entry that it has done with.

    ``lease`` and ``leased_until`` say which process follows now, where only one may at a time (``sinks``).
    """

    name = models.CharField(max_length=80, primary_key=True)
    serial = models.BigIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)


class Download(models.Model):
    """That somebody known downloaded a file from a private site; once for each hour, with a count (``downloads``).

    ``credential`` is the short id of the token, empty for a session.
    """

    hour = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    filename = models.CharField(max_length=300)
    user_id = models.BigIntegerField()
    username = models.CharField(max_length=100)
    credential = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)
    client = models.CharField(max_length=200, blank=True)
    first = models.DateTimeField()
    last = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "hour", "user_id", "credential", "address"], name="audit_download_once"
            ),
        ]
        indexes = [models.Index(fields=["hour"], name="audit_download_hour")]
