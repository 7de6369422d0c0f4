"""The rows of trusted publishing: who is believed, who may publish what, and what was used up."""

from django.db import models

from strongroom.kernel.names import MAX_PROJECT_NAME

MAX_ISSUER = 255
MAX_NAME = 200


class Issuer(models.Model):
    """An OpenID provider that an operator added, by its URL, spelled as its tokens spell it.

    ``kind`` says how its tokens are read (see ``trust.kinds``). For the kind ``generic``, ``fields`` names the claims
    for which each publisher gives a value, ``rules`` what every token must say (claim -> value, or beginning with ``*`` at
    its end), ``pins`` the claims that are kept from a publisher's first token and must stay. ``static_keys`` is a JWK set
    for a provider that this site cannot reach; empty: its keys are found by discovery.
    """

    url = models.CharField(max_length=MAX_ISSUER, unique=True)
    name = models.CharField(max_length=MAX_NAME, unique=True)
    kind = models.CharField(max_length=20)
    fields = models.JSONField(default=list)
    rules = models.JSONField(default=dict)
    pins = models.JSONField(default=list)
    static_keys = models.TextField(blank=True)
    added = models.DateTimeField()
    added_by = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class IssuerKeys(models.Model):
    """The keys that an issuer had when it was last asked.

    ``fetched`` is when ``jwks`` came, ``tried`` when somebody last went for them, ``failed`` why that gave nothing.
    """

    issuer = models.CharField(max_length=MAX_ISSUER, unique=True)
    jwks = models.TextField(blank=True)
    fetched = models.DateTimeField(null=True)
    tried = models.DateTimeField(null=True)
    failed = models.CharField(max_length=200, blank=True)


class Identity(models.Model):
    """Whose identity tokens are meant: an issuer, and what they must say.

    ``wanted`` holds a value for each field of the kind (``environment`` among them where the kind has it). ``pins`` holds
    the ids that the first token said, such as that of a repository: names change hands, ids do not (TP-14).

    Rows are looked up by ``subject``, a digest of the names that a token says it is of (``trust.subjects``), such as the
    repository's; whether they fit is for the rules of the kind to say.
    """

    issuer = models.CharField(max_length=MAX_ISSUER)
    kind = models.CharField(max_length=20)
    wanted = models.JSONField()
    pins = models.JSONField(default=dict)
    subject = models.CharField(max_length=64)
    name = models.CharField(max_length=MAX_NAME)
    """In words, such as ``acme/widget, release.yml``."""
    created = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Publisher(Identity):
    """An identity that may publish a project.

    ``noticed`` is why its last token was refused although it seemed meant: ``renamed`` or ``resurrected``. ``pinned`` is a
    digest of the first of its ``pins``, empty until there are any: by it a repository is known under another name (TP-15).
    ``renamed`` is what a token of that id said instead of the names (see ``trust.renaming``), ``last_environment`` the
    environment of the last run that was let publish.
    """

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    """The SHA-256 of issuer and ``wanted``: the same identity is added to a project once."""
    added_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    added_by_name = models.CharField(max_length=100)
    last_used = models.DateTimeField(null=True)
    noticed = models.CharField(max_length=20, blank=True)
    pinned = models.CharField(max_length=64, blank=True)
    renamed = models.JSONField(default=dict)
    last_environment = models.CharField(max_length=MAX_NAME, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "fingerprint"], name="trust_publisher_once_per_project"
            ),
        ]
        indexes = [
            models.Index(fields=["issuer", "subject"], name="trust_publisher_subject"),
            models.Index(fields=["issuer", "pinned"], name="trust_publisher_pinned"),
        ]


class PendingPublisher(Identity):
    """An identity that may make the project ``normalized`` by publishing it first; ``user`` will own it.

    Several people may wait for one name: whoever publishes first has it, and the others are told (TP-20).
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    project_name = models.CharField(max_length=MAX_PROJECT_NAME)
    normalized = models.CharField(max_length=MAX_PROJECT_NAME, db_index=True)
    fingerprint = models.CharField(max_length=64)
    expires = models.DateTimeField(db_index=True)
    reminded = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "normalized", "fingerprint"], name="trust_pending_once_per_user"
            ),
        ]
        indexes = [models.Index(fields=["issuer", "subject"], name="trust_pending_subject")]


class Minted(models.Model):
    """Which publishers a short-lived token was minted for: it dies with any of them (TP-23)."""

    token = models.ForeignKey("tokens.Token", on_delete=models.CASCADE, related_name="+")
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "publisher"], name="trust_minted_once")]


class UsedIdentity(models.Model):
    """An identity token that was exchanged: ``digest`` is the SHA-256 of its ``jti``. It is never taken again (TP-09).

    ``expires`` is when it would be refused anyway, with some time to spare; only then is the row deleted.
    """

    issuer = models.CharField(max_length=MAX_ISSUER)
    digest = models.CharField(max_length=64)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "digest"], name="trust_identity_once")]
