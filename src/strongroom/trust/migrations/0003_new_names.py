from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('trust', '0002_subjects'),
    ]

    operations = [
        migrations.AddField(
            model_name='publisher',
            name='last_environment',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='publisher',
            name='renamed',
            field=models.JSONField(default=dict),
        ),
    ]
