from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('factors', '0002_keys_and_recovery_codes'),
    ]

    operations = [
        migrations.RenameModel(old_name='TotpEnrolment', new_name='TotpEnrollment'),
    ]
