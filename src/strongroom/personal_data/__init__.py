"""What the site knows about a person: a copy of it for them, and its end."""
