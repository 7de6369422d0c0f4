"""One process at a time follows the trail for a sink."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_lookups")]

    operations = [
        migrations.AddField("cursor", "lease", models.CharField(max_length=32, blank=True, default=""), preserve_default=False),
        migrations.AddField("cursor", "leased_until", models.DateTimeField(null=True)),
    ]
