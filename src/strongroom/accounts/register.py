"""Making accounts."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from strongroom.accounts import addresses, emails, held_usernames, links, passwords
from strongroom.accounts.events import AccountCreated, EmailAdded, EmailVerified, OperatorMade, SetupLinkMade
from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind
from strongroom.kernel.names import MAX_USERNAME, is_username, normalize_username
from strongroom.kernel.refused import Refused
from strongroom.throttle.limits import Limit, address_block, spend

_PER_ADDRESS = Limit("register", count=20, seconds=3600)

# Names that would be mistaken for the site itself.
_RESERVED = frozenset(
    {
        "admin",
        "administrator",
        "operator",
        "root",
        "security",
        "strongroom",
        "support",
        "system",
        "console",
        "anonymous",
        "publisher",
    }
)


def register(username: str, address: str, password: str, *, by: Actor) -> User:
    """Make an account whose address is still to be verified, and mail it the link.

    Raises ``Refused``: ``registration_closed``, ``username_invalid``, ``username_taken``, ``email_invalid``,
    ``password_*`` (see ``passwords.check_new``), ``too_many_attempts``. Whether the address belongs to another
    account is never told (design, D17).
    """
    if by.kind is ActorKind.ANONYMOUS:
        spend(address_block(by.origin.address), _PER_ADDRESS)
    with trail.refusals_of(AccountCreated(), by=by):
        _require_open(by)
    name, plain, key, encoded = _check(username, address, password)
    try:
        with transaction.atomic():
            user = _create(name, encoded, by=by)
            row = emails.claim(user, plain, key, primary=True)
            trail.record(EmailAdded(subject_id=user.pk, address=plain), by=by)
            emails.mail_first_link(user, row)
            return user
    except IntegrityError:
        raise _taken() from None


def add_verified(username: str, address: str, password: str, *, by: Actor) -> User:
    """Make an account whose address needs no mail: an operator vouches for it.

    Raises ``Refused`` as ``register`` does, and ``email_taken``.
    """
    name, plain, key, encoded = _check(username, address, password)
    if EmailAddress.objects.filter(key=key, verified__isnull=False).exists():
        raise Refused("email_taken", _("Another account has verified this address."), field="email")
    try:
        with transaction.atomic():
            user = _create(name, encoded, by=by)
            emails.claim(user, plain, key, primary=True, verified=clock.now())
            trail.record(EmailAdded(subject_id=user.pk, address=plain), by=by)
            trail.record(EmailVerified(subject_id=user.pk, address=plain), by=by)
            return user
    except IntegrityError:
        raise _taken() from None


def make_operator(user: User, *, by: Actor) -> None:
    """Give an account the operator's rights, in the caller's transaction."""
    User.objects.filter(pk=user.pk).update(is_operator=True)
    trail.record(OperatorMade(subject_id=user.pk), by=by)


def setup_link(*, by: Actor) -> str | None:
    """A one-time link that makes its user the first operator, or ``None`` where there is an operator.

    A link made earlier stops working, so that the one last printed is the one that works (AD-09).
    """
    if User.objects.filter(is_operator=True).exists():
        return None
    with transaction.atomic():
        MailLink.objects.filter(purpose=MailLink.Purpose.OPERATOR, used=None).update(used=clock.now())
        trail.record(SetupLinkMade(), by=by)
        return links.make(MailLink.Purpose.OPERATOR)


def claim_setup(token: str, user: User, *, by: Actor) -> None:
    """Make ``user`` the first operator by the link that the terminal showed; raises ``Refused`` (``link_invalid``)."""
    with trail.refusals_of(OperatorMade(subject_id=user.pk), by=by), transaction.atomic():
        links.use(MailLink.Purpose.OPERATOR, token)
        make_operator(user, by=by)


def _require_open(by: Actor) -> None:
    if settings.CONFIG.accounts.registration == "closed" and by.kind is not ActorKind.OPERATOR:
        raise Refused("registration_closed", _("New accounts are made by the operators of this site."))


def _check(username: str, address: str, password: str) -> tuple[str, str, str, str]:
    """The username, the address and its key, and the password's hash; raises ``Refused`` for what is not fit."""
    _check_username(username)
    plain, key = addresses.check(address)
    normalized = passwords.check_new(password, about=(username, plain))
    return username, plain, key, passwords.encode(normalized)


def _check_username(username: str) -> None:
    if not is_username(username):
        raise Refused(
            "username_invalid",
            _(
                "A username has at most %(count)d ASCII letters, digits, dots, hyphens and underscores, and begins "
                "and ends with a letter or digit."
            )
            % {"count": MAX_USERNAME},
            field="username",
        )
    if normalize_username(username) in _RESERVED:
        raise _taken()


def _create(username: str, encoded: str, *, by: Actor) -> User:
    user = User.objects.create(
        username=username,
        username_key=normalize_username(username),
        password=encoded,
        language=(get_language() or "en")[:10],
        created=clock.now(),
    )
    if held_usernames.is_held(user.username_key):  # asked now that nobody can delete an account of this name
        raise _taken()
    trail.record(AccountCreated(subject_id=user.pk, username=username), by=by)
    return user


def _taken() -> Refused:
    return Refused("username_taken", _("This username is taken. Choose another."), field="username")
