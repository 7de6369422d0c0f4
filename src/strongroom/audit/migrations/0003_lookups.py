"""Entries are found by the id of their request and by authors without an account, refusals by their reason."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_seals")]

    operations = [
        migrations.AddIndex("entry", models.Index(fields=["request_id"], name="audit_by_request")),
        migrations.AddIndex(
            "entry",
            models.Index(
                fields=["actor_kind", "-serial"],
                name="audit_nameless",
                condition=models.Q(actor_id__isnull=True),
            ),
        ),
        migrations.AddIndex(
            "entry",
            models.Index(
                fields=["reason", "-serial"], name="audit_by_reason", condition=models.Q(outcome="refused")
            ),
        ),
    ]
