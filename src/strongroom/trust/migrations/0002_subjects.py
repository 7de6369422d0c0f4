from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('trust', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='pendingpublisher',
            name='trust_pending_issuer',
        ),
        migrations.RemoveIndex(
            model_name='publisher',
            name='trust_publisher_issuer',
        ),
        migrations.AddField(
            model_name='pendingpublisher',
            name='subject',
            field=models.CharField(default='', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='publisher',
            name='pinned',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='publisher',
            name='subject',
            field=models.CharField(default='', max_length=64),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='pendingpublisher',
            index=models.Index(fields=['issuer', 'subject'], name='trust_pending_subject'),
        ),
        migrations.AddIndex(
            model_name='publisher',
            index=models.Index(fields=['issuer', 'subject'], name='trust_publisher_subject'),
        ),
        migrations.AddIndex(
            model_name='publisher',
            index=models.Index(fields=['issuer', 'pinned'], name='trust_publisher_pinned'),
        ),
    ]
