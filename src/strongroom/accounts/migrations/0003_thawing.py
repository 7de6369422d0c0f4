from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_freezing_and_undoing_addresses'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='thawed',
            field=models.DateTimeField(null=True),
        ),
    ]
