"""Who does something, and from where."""

from dataclasses import dataclass, field
from enum import StrEnum

from strongroom.kernel.secrets import Secret


class ActorKind(StrEnum):
    """What sort of author an act has."""

    ANONYMOUS = "anonymous"
    USER = "user"
    TOKEN = "token"  # noqa: S105  (a kind, not a secret)
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: IP address, client (User-Agent), the request's id, the browser's cookie. Any may be empty.

    ``browser`` is the secret by which a browser is known again; it is never recorded.
    """

    address: str = ""
    client: str = ""
    request_id: str = ""
    browser: Secret = field(default_factory=Secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The author of an act; every verb that changes state asks for one as ``by``.

    ``authenticated`` says how the author proved who they are (``password``, ``password+totp``, ``token``);
    ``credential`` is the shortened id of the session or token, never enough to use it.
    """

    kind: ActorKind
    origin: Origin = field(default_factory=Origin)
    user_id: int | None = None
    username: str = ""
    authenticated: str = ""
    credential: str = ""

    @classmethod
    def anonymous(cls, origin: Origin) -> "Actor":
        """Somebody who has not signed in."""
        return cls(kind=ActorKind.ANONYMOUS, origin=origin)

    @classmethod
    def system(cls) -> "Actor":
        """The program itself: migrations, clean-up, start-up."""
        return cls(kind=ActorKind.SYSTEM, username="system")

    @classmethod
    def console(cls) -> "Actor":
        """An operator at the command line of the machine."""
        return cls(kind=ActorKind.OPERATOR, username="console", authenticated="shell")
