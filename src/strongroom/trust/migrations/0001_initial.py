import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0004_what_may_publish'),
        ('projects', '0002_trusted_publishing'),
        ('tokens', '0004_leak_reports'),
    ]

    operations = [
        migrations.CreateModel(
            name='Issuer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=255, unique=True)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('kind', models.CharField(max_length=20)),
                ('fields', models.JSONField(default=list)),
                ('rules', models.JSONField(default=dict)),
                ('pins', models.JSONField(default=list)),
                ('static_keys', models.TextField(blank=True)),
                ('added', models.DateTimeField()),
                ('added_by', models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='IssuerKeys',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=255, unique=True)),
                ('jwks', models.TextField(blank=True)),
                ('fetched', models.DateTimeField(null=True)),
                ('tried', models.DateTimeField(null=True)),
                ('failed', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Publisher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=255)),
                ('kind', models.CharField(max_length=20)),
                ('wanted', models.JSONField()),
                ('pins', models.JSONField(default=dict)),
                ('subject', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('created', models.DateTimeField()),
                ('fingerprint', models.CharField(max_length=64)),
                ('added_by_name', models.CharField(max_length=100)),
                ('last_used', models.DateTimeField(null=True)),
                ('noticed', models.CharField(blank=True, max_length=20)),
                ('pinned', models.CharField(blank=True, max_length=64)),
                ('renamed', models.JSONField(default=dict)),
                ('last_environment', models.CharField(blank=True, max_length=200)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.user')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
        ),
        migrations.CreateModel(
            name='Minted',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tokens.token')),
                ('publisher', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='trust.publisher')),
            ],
        ),
        migrations.CreateModel(
            name='UsedIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=255)),
                ('digest', models.CharField(max_length=64)),
                ('expires', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('issuer', 'digest'), name='trust_identity_once')],
            },
        ),
        migrations.CreateModel(
            name='PendingPublisher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=255)),
                ('kind', models.CharField(max_length=20)),
                ('wanted', models.JSONField()),
                ('pins', models.JSONField(default=dict)),
                ('subject', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('created', models.DateTimeField()),
                ('project_name', models.CharField(max_length=100)),
                ('normalized', models.CharField(db_index=True, max_length=100)),
                ('fingerprint', models.CharField(max_length=64)),
                ('expires', models.DateTimeField(db_index=True)),
                ('reminded', models.BooleanField(default=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.user')),
            ],
            options={
                'indexes': [models.Index(fields=['issuer', 'subject'], name='trust_pending_subject')],
                'constraints': [models.UniqueConstraint(fields=('user', 'normalized', 'fingerprint'), name='trust_pending_once_per_user')],
            },
        ),
        migrations.AddIndex(
            model_name='publisher',
            index=models.Index(fields=['issuer', 'subject'], name='trust_publisher_subject'),
        ),
        migrations.AddIndex(
            model_name='publisher',
            index=models.Index(fields=['issuer', 'pinned'], name='trust_publisher_pinned'),
        ),
        migrations.AddConstraint(
            model_name='publisher',
            constraint=models.UniqueConstraint(fields=('project', 'fingerprint'), name='trust_publisher_once_per_project'),
        ),
        migrations.AddConstraint(
            model_name='minted',
            constraint=models.UniqueConstraint(fields=('token', 'publisher'), name='trust_minted_once'),
        ),
    ]
