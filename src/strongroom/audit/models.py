"""The rows of the audit trail."""

from typing import Any, ClassVar, NoReturn

from django.db import models


class AppendOnly(Exception):
    """Somebody tried to change or delete what has been recorded."""


class _AppendOnlyRows(models.QuerySet["Entry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class Entry(models.Model):
    """One event. It has no foreign keys on purpose: it outlives the account, token and project that it names."""

    serial = models.BigAutoField(primary_key=True)
    time = models.DateTimeField()
    tag = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=80, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=100, blank=True)
    authenticated = models.CharField(max_length=40, blank=True)
    credential = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    project = models.CharField(max_length=100, blank=True)
    details = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True)
    client = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=40, blank=True)

    objects: ClassVar[models.Manager["Entry"]] = _AppendOnlyRows.as_manager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an entry that is there already stays as it is."""
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Never."""
        raise AppendOnly

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "-serial"], name="audit_by_subject"),
            models.Index(fields=["project", "-serial"], name="audit_by_project"),
        ]
