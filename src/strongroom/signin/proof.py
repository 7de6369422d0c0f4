"""What somebody has shown to prove who they are."""

from dataclasses import dataclass
from datetime import datetime

from strongroom.factors.methods import PASSWORD


@dataclass(frozen=True, slots=True)
class Proof:
    """The ``method`` (password, recovery code, app, key), and ``since`` when the account has that app or key."""

    method: str
    since: datetime | None = None


BY_PASSWORD = Proof(PASSWORD)
