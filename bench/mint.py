"""``python -m bench.mint USERNAME``: prints a new API token for the whole account, as the account page would show it."""

import sys

import django
from django.db import transaction

django.setup()

from strongroom.accounts import find  # noqa: E402  (models need Django set up)
from strongroom.kernel.actor import Actor  # noqa: E402
from strongroom.tokens.mint import Owner, mint  # noqa: E402
from strongroom.tokens.restrictions import UNRESTRICTED  # noqa: E402

user = find.by_username(sys.argv[1])
if user is None:
    sys.exit(f"There is no user {sys.argv[1]!r}.")
with transaction.atomic():
    made = mint(Owner(id=user.pk, public_id=user.public_id), "bench", UNRESTRICTED, by=Actor.console())
sys.stdout.write(f"{made.secret}\n")
