"""The audit trail for people: what they look for (``searching``), lines of it (``lines``), and a picture (``picture``)."""
