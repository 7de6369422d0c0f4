"""The rows of projects, and the constraints that hold whatever else happens."""

import uuid

from django.db import models
from django.db.models import Q

from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.names import MAX_PROJECT_NAME

MAX_FILENAME = 255
MAX_VERSION = 255
SDIST = "sdist"
WHEEL = "bdist_wheel"
LEVELS = [(level.value, level.value) for level in MayPublish]


class Project(models.Model):
    """A name under which releases are published. ``name`` is spelled as its first file spelled it.

    ``size`` is the sum of its files in bytes. ``latest_version`` and ``summary`` are those of the release that a
    visitor wants: the newest final one by PEP 440, or the newest of all where none is final. ``may_publish`` is what may
    publish here (``kernel.may_publish``).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=MAX_PROJECT_NAME)
    normalized = models.CharField(max_length=MAX_PROJECT_NAME, unique=True)
    lookalike = models.CharField(max_length=MAX_PROJECT_NAME, unique=True)
    created = models.DateTimeField()
    size = models.BigIntegerField(default=0)
    latest_version = models.CharField(max_length=MAX_VERSION, blank=True)
    summary = models.CharField(max_length=512, blank=True)
    updated = models.DateTimeField(db_index=True)
    may_publish = models.CharField(max_length=10, choices=LEVELS, default=MayPublish.PASSWORDS)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0), name="projects_size_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """What a person may do in a project: an owner everything, a maintainer publish."""

    class Kind(models.TextChoices):
        """The two roles."""

        OWNER = "owner"
        MAINTAINER = "maintainer"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="roles")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="projects_one_role_each"),
            models.CheckConstraint(condition=Q(kind__in=["owner", "maintainer"]), name="projects_role_known"),
        ]


class Release(models.Model):
    """One version of a project, spelled as its first file spells it, normalized (PEP 440).

    ``key`` is the same for versions that are equal, such as ``1.0`` and ``1.0.0`` (UP-43). ``metadata`` is the core metadata of its first file, parsed; ``description_html`` is its description, rendered once
    and sanitized.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="releases")
    version = models.CharField(max_length=MAX_VERSION)
    key = models.CharField(max_length=MAX_VERSION)
    created = models.DateTimeField()
    summary = models.CharField(max_length=512, blank=True)
    metadata = models.JSONField(default=dict)
    description_html = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="projects_version_once"),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def yanked(self) -> str | None:
        """The reason of one of its files, where all of them are yanked; ``None`` where something can be installed."""
        marks = [file.yanked for file in self.files.all()]
        return marks[0] if marks and None not in marks else None


class File(models.Model):
    """One distribution of a release; its bytes are the blob of its ``sha256``. All digests are lower-case hex.

    ``metadata_sha256`` is that of the METADATA file that is served beside it, ``""`` where none is. ``yanked`` is the
    reason of PEP 592, ``""`` without one, NULL where the file is not yanked. ``publisher`` says which trusted publisher sent
    it (the snapshot that its token held), NULL for people; ``attested`` whether there is a ``Provenance``.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="files")
    filename = models.CharField(max_length=MAX_FILENAME, unique=True)
    kind = models.CharField(max_length=11)
    python_tag = models.CharField(max_length=MAX_FILENAME)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    blake2_256 = models.CharField(max_length=64)
    md5 = models.CharField(max_length=32)
    metadata_sha256 = models.CharField(max_length=64, blank=True)
    requires_python = models.TextField(blank=True)
    uploaded = models.DateTimeField()
    uploader_id = models.BigIntegerField(null=True)
    uploader_name = models.CharField(max_length=100)
    authenticated = models.CharField(max_length=40)
    yanked = models.TextField(null=True)  # PEP 592 tells "no reason" from "not yanked"
    publisher = models.JSONField(null=True)
    attested = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release"], condition=Q(kind=SDIST), name="projects_one_sdist_per_release"
            ),
            models.CheckConstraint(condition=Q(kind__in=[SDIST, WHEEL]), name="projects_file_kind_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="projects_file_not_empty"),
        ]

    def __str__(self) -> str:
        return self.filename


class Provenance(models.Model):
    """The attestations of a file and the publisher whose they are: a provenance object of PEP 740, verified when it came."""

    file = models.OneToOneField(File, on_delete=models.CASCADE, related_name="provenance")
    document = models.TextField()


class TakenFilename(models.Model):
    """A filename that was published once, whatever became of it: it never stands for other bytes (design, D12).

    ``filename`` is the one spelling of all names of the same file (``artifacts.filename.canonical``), ``published_as``
    the spelling that was published.
    """

    filename = models.CharField(max_length=MAX_FILENAME, primary_key=True)
    published_as = models.CharField(max_length=MAX_FILENAME)
    project = models.CharField(max_length=MAX_PROJECT_NAME)
    sha256 = models.CharField(max_length=64)
    taken = models.DateTimeField()


class Journal(models.Model):
    """Every change of what the index serves. Serials grow in the order in which the changes can be seen (IX-19)."""

    serial = models.BigAutoField(primary_key=True)
    project = models.CharField(max_length=MAX_PROJECT_NAME)
    action = models.CharField(max_length=40)
    version = models.CharField(max_length=MAX_VERSION, blank=True)
    filename = models.CharField(max_length=MAX_FILENAME, blank=True)
    time = models.DateTimeField()
    by = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["project", "-serial"], name="projects_journal_of_project")]


class UploadPolicy(models.Model):
    """The operator's switches over publishing: one row, or none where nothing was switched."""

    may_publish = models.CharField(max_length=10, choices=LEVELS, default=MayPublish.PASSWORDS)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="projects_one_policy")]
