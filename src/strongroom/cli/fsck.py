"""``strongroom fsck``: whether every file that the index lists has its bytes, and which bytes nothing lists."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from strongroom.cli import database


def check(*, deep: bool) -> None:
    """Print what is wrong, one line each, and exit with 1; or print how much was looked at."""
    database.prepare()
    database.bring_up()
    from django.conf import settings

    from strongroom.blobs.local import LocalBlobs

    blobs = LocalBlobs(settings.CONFIG.data / "blobs")
    wanted = dict(_wanted())
    wrong = [
        line
        for sha256, size in wanted.items()
        if (line := _wrong(blobs.path(sha256), size, sha256, deep=deep))
    ]
    for line in wrong:
        click.echo(line, err=True)
    orphans = sum(1 for sha256 in blobs.all() if sha256 not in wanted)
    click.echo(
        f"{len(wanted)} blobs are listed, {len(wrong)} of them wrong; {orphans} are listed by nothing."
    )
    sys.exit(1 if wrong else 0)


def _wanted() -> Iterator[tuple[str, int | None]]:
    """The digest and size of every blob that a row refers to; the size of a metadata file is not recorded."""
    from strongroom.projects.models import File

    for sha256, size, metadata in File.objects.values_list("sha256", "size", "metadata_sha256").iterator():
        if metadata:
            yield metadata, None
        yield sha256, size


def _wrong(path: Path, size: int | None, sha256: str, *, deep: bool) -> str:
    if not path.is_file():
        return f"{sha256}: missing"
    if size is not None and path.stat().st_size != size:
        return f"{sha256}: has {path.stat().st_size} bytes instead of {size}"
    if deep and _sha256_of(path) != sha256:
        return f"{sha256}: has other bytes"
    return ""


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
