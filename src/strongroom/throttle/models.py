"""The rows of the counters."""

from django.db import models


class Bucket(models.Model):
    """How many attempts one key has spent since its window began."""

    key = models.CharField(max_length=120, primary_key=True)
    began = models.BigIntegerField()
    spent = models.IntegerField()
