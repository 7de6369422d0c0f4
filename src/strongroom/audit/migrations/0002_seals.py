"""Entries get parts that can be redacted, seals, tallies; the entries that are there already move over."""

import orjson
from django.db import migrations, models

from strongroom.audit import pseudonyms
from strongroom.kernel import user_agent
from strongroom.kernel.secrets import random_bytes

# The fields that say something about a person, of the events of the versions before.
PERSONAL = {
    "account.created": {"username"},
    "email.added": {"address"},
    "email.verified": {"address"},
    "email.removed": {"address"},
    "email.primary_changed": {"address", "before"},
    "email.primary_change_undone": {"address", "before"},
    "factor.totp_added": {"name"},
    "factor.totp_removed": {"name"},
    "factor.key_added": {"name"},
    "factor.key_renamed": {"name", "before"},
    "factor.key_removed": {"name"},
    "factor.key_copied": {"name"},
    "recovery.begun": {"address", "reason"},
    "recovery.proved": {"reason"},
    "recovery.stopped": {"stopped_by"},
    "device.approved": {"program", "host"},
    "device.denied": {"program", "host"},
    "token.made": {"name", "restrictions"},
    "token.revoked": {"name"},
    "token.new_network": {"name", "network"},
}

BATCH = 1000


def move(apps, schema_editor):
    """Copy every entry, with salts of its own; its serial stays."""
    old, new = apps.get_model("audit", "OldEntry"), apps.get_model("audit", "Entry")
    batch = []
    for entry in old.objects.order_by("serial").iterator(chunk_size=BATCH):
        batch.append(new(**moved(entry)))
        if len(batch) == BATCH:
            new.objects.bulk_create(batch)
            batch = []
    new.objects.bulk_create(batch)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "SELECT setval(pg_get_serial_sequence('audit_entry', 'serial'),"
            " (SELECT COALESCE(MAX(serial), 0) + 1 FROM audit_oldentry), false)"
        )


def moved(entry):
    """The columns of an entry in their new places."""
    names = PERSONAL.get(entry.tag, set())
    facts = {name: value for name, value in entry.details.items() if name not in names}
    personal = {name: value for name, value in entry.details.items() if name in names}
    kept = ("serial", "time", "tag", "outcome", "reason", "actor_kind", "actor_id", "authenticated", "credential")
    also = ("subject_id", "project", "request_id", "address", "client", "actor_name")
    return {
        **{name: getattr(entry, name) for name in (*kept, *also)},
        "facts": canonical(facts),
        "personal": canonical(personal),
        "address_pseudonym": pseudonyms.of(entry.address),
        "client_family": user_agent.family(entry.client),
        "body_salt": random_bytes(16),
        "origin_salt": random_bytes(16),
        "person_salt": random_bytes(16),
        "context_salt": random_bytes(16),
    }


def canonical(values):
    """JSON as it is sealed (RFC 8785)."""
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RemoveIndex("entry", "audit_by_subject"),
        migrations.RemoveIndex("entry", "audit_by_project"),
        migrations.RenameModel("Entry", "OldEntry"),
        migrations.CreateModel(
            name='Cursor',
            fields=[
                ('name', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('serial', models.BigIntegerField(default=0)),
                ('lease', models.CharField(blank=True, max_length=32)),
                ('leased_until', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
                ('count', models.IntegerField()),
                ('root', models.CharField(max_length=64)),
                ('previous', models.CharField(max_length=64)),
                ('time', models.CharField(max_length=27)),
                ('key', models.CharField(max_length=64)),
                ('signature', models.CharField(max_length=128)),
                ('leaves', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Download',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('sha256', models.CharField(max_length=64)),
                ('filename', models.CharField(max_length=300)),
                ('user_id', models.BigIntegerField()),
                ('username', models.CharField(max_length=100)),
                ('credential', models.CharField(blank=True, max_length=40)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('client', models.CharField(blank=True, max_length=200)),
                ('first', models.DateTimeField()),
                ('last', models.DateTimeField()),
                ('count', models.IntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='audit_download_hour')],
                'constraints': [models.UniqueConstraint(fields=('sha256', 'hour', 'user_id', 'credential', 'address'), name='audit_download_once')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('serial', models.BigAutoField(primary_key=True, serialize=False)),
                ('time', models.DateTimeField()),
                ('tag', models.CharField(max_length=80)),
                ('outcome', models.CharField(max_length=10)),
                ('reason', models.CharField(blank=True, max_length=80)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('project', models.CharField(blank=True, max_length=100)),
                ('facts', models.TextField(default='{}')),
                ('body_salt', models.BinaryField(max_length=16, null=True)),
                ('body_hash', models.BinaryField(max_length=32, null=True)),
                ('authenticated', models.CharField(blank=True, max_length=40)),
                ('credential', models.CharField(blank=True, max_length=40)),
                ('address_pseudonym', models.CharField(blank=True, max_length=16)),
                ('client_family', models.CharField(blank=True, max_length=60)),
                ('request_id', models.CharField(blank=True, max_length=40)),
                ('context_salt', models.BinaryField(max_length=16, null=True)),
                ('context_hash', models.BinaryField(max_length=32, null=True)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('client', models.CharField(blank=True, max_length=200)),
                ('origin_salt', models.BinaryField(max_length=16, null=True)),
                ('origin_hash', models.BinaryField(max_length=32, null=True)),
                ('actor_name', models.CharField(blank=True, max_length=100)),
                ('personal', models.TextField(default='{}')),
                ('person_salt', models.BinaryField(max_length=16, null=True)),
                ('person_hash', models.BinaryField(max_length=32, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['subject_id', '-serial', 'tag', 'outcome', 'actor_id', 'project'], include=('time',), name='audit_by_subject'), models.Index(condition=models.Q(('actor_id__isnull', False)), fields=['actor_id', '-serial', 'tag', 'outcome', 'project', 'subject_id'], include=('time',), name='audit_by_actor'), models.Index(condition=models.Q(('actor_id__isnull', True)), fields=['actor_kind', '-serial', 'tag', 'outcome', 'reason', 'project', 'subject_id'], include=('time',), name='audit_nameless'), models.Index(fields=['project', '-serial', 'tag', 'outcome', 'actor_id'], include=('time',), name='audit_by_project'), models.Index(fields=['tag', '-serial', 'outcome'], name='audit_by_tag'), models.Index(fields=['address_pseudonym', '-serial', 'tag', 'outcome', 'actor_id', 'subject_id', 'project'], name='audit_by_address'), models.Index(fields=['time'], name='audit_by_time'), models.Index(fields=['request_id'], name='audit_by_request'), models.Index(condition=models.Q(('outcome', 'refused')), fields=['reason', '-serial', 'tag', 'actor_id', 'actor_kind', 'subject_id', 'project'], include=('time',), name='audit_by_reason'), models.Index(condition=models.Q(('outcome', 'refused')), fields=['-serial', 'tag'], name='audit_refusals')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('tag', models.CharField(max_length=80)),
                ('outcome', models.CharField(max_length=10)),
                ('count', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'tag', 'outcome'), name='audit_tally_once')],
            },
        ),
        migrations.RunPython(move),
        migrations.DeleteModel("OldEntry"),
    ]
