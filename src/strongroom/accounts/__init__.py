"""People: their names, email addresses and passwords."""
