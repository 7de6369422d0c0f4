"""What SQLite's planner should know of the trail.

PostgreSQL gathers statistics by itself. SQLite gathers them when somebody says ``ANALYZE``, which reads each index and holds the
lock meanwhile, and with ``analysis_limit`` it guesses worse than by these. Without any it takes an index by time for the choosier
one: half a second where five milliseconds do, among a million entries. What matters is the order of magnitude.
"""

from django.db import migrations

# Rows in the index, then how many share the same first column, the same first two, and so on
# (https://www.sqlite.org/fileformat2.html#stat1tab).
STATISTICS = {
    "audit_by_time": "1000000 1",
    "audit_by_request": "1000000 2",
    "audit_by_tag": "1000000 20000 1 1",
    "audit_by_project": "1000000 500 1 1 1 1",
    "audit_by_subject": "1000000 200 1 1 1 1 1",
    "audit_by_actor": "950000 200 1 1 1 1 1",
    "audit_by_address": "1000000 50 1 1 1 1 1 1",
    "audit_nameless": "50000 10000 1 1 1 1 1 1",
    "audit_refusals": "50000 1 1",
    "audit_by_reason": "50000 10000 1 1 1 1 1 1",
}


def tell(_apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sqlite_schema")  # makes the table where there is none
        cursor.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'audit_entry'")
        cursor.executemany(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('audit_entry', %s, %s)", list(STATISTICS.items())
        )
        cursor.execute("ANALYZE sqlite_schema")  # reads it


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_seals")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
