"""The data folder and the database: made, checked and brought to this version."""

import sys

import click
import django
from django.conf import settings

from strongroom.kernel import config

# Where SQLite's locks and shared memory do not work.
_NETWORK_FILESYSTEMS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "fuse.sshfs",
    "glusterfs",
}


def prepare() -> None:
    """Read the configuration, make the data folder, start Django; exits with every mistake listed."""
    try:
        chosen = config.load()
    except config.InvalidConfig as error:
        for mistake in error.mistakes:
            click.echo(f"Configuration: {mistake}", err=True)
        sys.exit(2)
    try:
        chosen.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"Cannot make the data folder {chosen.data}: {error.strerror}.") from None
    if not chosen.database_url:
        _require_local_disk(chosen)
    django.setup()


def require_site() -> None:
    """Refuse a data folder in which no site lies, and make none: exits with 2.

    A trail that was made just now holds, under a key made just now: whoever mistypes a folder must not be told that all is well.
    """
    try:
        chosen = config.load()
    except config.InvalidConfig:
        return  # which ``prepare`` says
    wanted = [chosen.key_file] + ([] if chosen.database_url else [chosen.data / "strongroom.sqlite3"])
    if not all(path.exists() for path in wanted):
        raise click.UsageError(
            f"There is no site in the data folder {chosen.data}. Name the one that it was started with, by --data or --config."
        )


def migrate() -> None:
    """Apply all migrations; safe to call from several nodes at once."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)


def bring_up() -> None:
    """Before serving: migrate an embedded or empty database, refuse one that waits for its operator."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    applied = executor.loader.applied_migrations
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        if applied and settings.CONFIG.database_url:
            raise click.ClickException(
                "The database is of another version. Run `strongroom migrate`, then start again."
            )
        migrate()
    if not settings.CONFIG.database_url:
        _assert_sqlite()


def _assert_sqlite() -> None:
    """What durability and the conditional updates rest on (design, D11)."""
    from django.db import connection

    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with connection.cursor() as cursor:
        for pragma, value in wanted.items():
            cursor.execute(f"PRAGMA {pragma}")
            if (found := cursor.fetchone()[0]) != value:
                raise click.ClickException(
                    f"SQLite has {pragma} = {found}, not {value}: the data folder cannot be used."
                )


def _require_local_disk(chosen: config.Config) -> None:
    if _filesystem_of(str(chosen.data.resolve())) in _NETWORK_FILESYSTEMS:
        raise click.ClickException(
            f"{chosen.data} lies on a network filesystem, where SQLite loses data. Choose a local folder with --data, "
            "or use PostgreSQL with STRONGROOM_DATABASE_URL."
        )


def _filesystem_of(path: str) -> str:
    """The type of the filesystem under ``path``, by the longest mount point above it; empty where not known."""
    try:
        with open("/proc/mounts", encoding="utf-8") as file:  # noqa: PTH123
            mounts = [line.split() for line in file]
    except OSError:
        return ""
    above = [
        (point, kind)
        for _device, point, kind, *_rest in mounts
        if (path + "/").startswith(point.rstrip("/") + "/")
    ]
    return max(above, key=lambda mount: len(mount[0]), default=("", ""))[1]
