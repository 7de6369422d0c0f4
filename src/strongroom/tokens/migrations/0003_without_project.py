from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0002_restrictions'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='token',
            name='project',
        ),
    ]
