"""How passwords are stored."""

from typing import Final

from django.contrib.auth.hashers import Argon2PasswordHasher

MEMORY_COST: Final = 19 * 1024  # KiB
TIME_COST: Final = 2


class Argon2id(Argon2PasswordHasher):
    """argon2id with the least that OWASP's password storage sheet recommends: 19 MiB, 2 passes, 1 lane."""

    memory_cost = MEMORY_COST
    time_cost = TIME_COST
    parallelism = 1
