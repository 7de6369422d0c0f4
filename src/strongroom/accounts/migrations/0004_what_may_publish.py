import strongroom.kernel.may_publish
from django.db import migrations, models


def keep_choices(apps, _schema_editor):
    """Whoever refused uploads with the password still does."""
    apps.get_model("accounts", "User").objects.filter(password_uploads=False).update(may_publish="tokens")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_thawing'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='may_publish',
            field=models.CharField(choices=[('passwords', 'passwords'), ('tokens', 'tokens'), ('trusted', 'trusted')], default=strongroom.kernel.may_publish.MayPublish['PASSWORDS'], max_length=10),
        ),
        migrations.RunPython(keep_choices, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='user',
            name='password_uploads',
        ),
    ]
