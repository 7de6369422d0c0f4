"""The rows of the mail queue."""

from django.db import models


class QueuedMail(models.Model):
    """One mail to one address. The text may hold a link that proves an address: it is sealed, and gone once sent."""

    address = models.CharField(max_length=254)
    sealed = models.BinaryField()
    queued = models.DateTimeField()
    due = models.DateTimeField(db_index=True)
    attempts = models.IntegerField(default=0)
