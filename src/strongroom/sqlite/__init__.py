"""Django's database backend for SQLite, with a fair wait for the one lock that writers share."""
