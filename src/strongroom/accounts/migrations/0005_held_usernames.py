from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_what_may_publish'),
    ]

    operations = [
        migrations.CreateModel(
            name='HeldUsername',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
            ],
        ),
    ]
