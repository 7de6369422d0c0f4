import django.db.models.deletion
import strongroom.kernel.may_publish
from django.db import migrations, models


def keep_choice(apps, _schema_editor):
    """Where operators refused uploads with passwords, they still do."""
    apps.get_model("projects", "UploadPolicy").objects.filter(passwords=False).update(may_publish="tokens")


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='file',
            name='attested',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='file',
            name='publisher',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='may_publish',
            field=models.CharField(choices=[('passwords', 'passwords'), ('tokens', 'tokens'), ('trusted', 'trusted')], default=strongroom.kernel.may_publish.MayPublish['PASSWORDS'], max_length=10),
        ),
        migrations.AddField(
            model_name='uploadpolicy',
            name='may_publish',
            field=models.CharField(choices=[('passwords', 'passwords'), ('tokens', 'tokens'), ('trusted', 'trusted')], default=strongroom.kernel.may_publish.MayPublish['PASSWORDS'], max_length=10),
        ),
        migrations.RunPython(keep_choice, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='uploadpolicy',
            name='passwords',
        ),
        migrations.CreateModel(
            name='Provenance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.TextField()),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='provenance', to='projects.file')),
            ],
        ),
    ]
