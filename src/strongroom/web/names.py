"""Names and versions as parts of a path; what cannot be one finds no page."""


class NamePath:
    """A project's name or a username, in any spelling."""

    regex = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"

    def to_python(self, value: str) -> str:
        """As it stands in the path."""
        return value

    def to_url(self, value: str) -> str:
        """As it is written into a path."""
        return value


class VersionPath(NamePath):
    """A version (PEP 440), in any spelling."""

    regex = r"[A-Za-z0-9.!+_-]{1,200}"
