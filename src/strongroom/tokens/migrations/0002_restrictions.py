import django.db.models.deletion
from django.db import migrations, models


def tell_restrictions(apps, _schema_editor):
    """What the tokens made so far hold, for lists."""
    tokens = apps.get_model("tokens", "Token").objects
    for token in tokens.select_related("user", "project"):
        token.restrictions = [[3, str(token.user.public_id)]]
        if token.project is not None:
            token.restrictions.append([2, [str(token.project.public_id)]])
            token.projects.add(token.project)
        token.save(update_fields=["restrictions"])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_what_may_publish'),
        ('projects', '0002_trusted_publishing'),
        ('tokens', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='TokenNetwork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.CharField(max_length=50)),
                ('first_used', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='TokenUses',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain', models.CharField(max_length=64)),
                ('count', models.PositiveIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name='token',
            name='expires',
            field=models.DateTimeField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name='token',
            name='last_address',
            field=models.CharField(blank=True, max_length=45),
        ),
        migrations.AddField(
            model_name='token',
            name='last_client',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='token',
            name='last_network',
            field=models.CharField(blank=True, max_length=50),
        ),
        migrations.AddField(
            model_name='token',
            name='projects',
            field=models.ManyToManyField(related_name='+', to='projects.project'),
        ),
        migrations.AddField(
            model_name='token',
            name='publisher',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='token',
            name='reminded',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='token',
            name='restrictions',
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name='token',
            name='name',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name='token',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.user'),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('publisher__isnull', True), ('user__isnull', False)), models.Q(('expires__isnull', False), ('publisher__isnull', False), ('user__isnull', True)), _connector='OR'), name='tokens_of_somebody_or_of_a_publisher'),
        ),
        migrations.AddField(
            model_name='tokennetwork',
            name='token',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tokens.token'),
        ),
        migrations.AddField(
            model_name='tokenuses',
            name='token',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tokens.token'),
        ),
        migrations.AddConstraint(
            model_name='tokennetwork',
            constraint=models.UniqueConstraint(fields=('token', 'network'), name='tokens_network_once'),
        ),
        migrations.AddConstraint(
            model_name='tokenuses',
            constraint=models.UniqueConstraint(fields=('token', 'chain'), name='tokens_uses_once_per_chain'),
        ),
        migrations.RunPython(tell_restrictions, migrations.RunPython.noop),
    ]
