"""How passwords are stored."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """argon2id with the least that OWASP's password storage sheet recommends: 19 MiB, 2 passes, 1 lane."""

    memory_cost = 19 * 1024  # KiB
    time_cost = 2
    parallelism = 1
