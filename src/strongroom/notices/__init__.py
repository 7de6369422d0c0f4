"""Mail to people: a ``notice``, put into the ``queue`` with the effect that it tells of, delivered after the commit."""
