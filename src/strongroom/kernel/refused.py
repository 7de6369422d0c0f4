"""The one way to say no."""


class Refused(Exception):
    """An action was refused for a reason that its caller can be told.

    ``code`` is stable and documented in ``docs/refusals.md``; tests and clients compare it, never the text.
    ``message`` is a sentence that says what to do. ``field`` names the form field at fault, if one is.
    ``retry_after`` is in seconds, for refusals that pass with time.

    The face maps codes to HTTP statuses (``web.refusals``, ``api.refusals``); nothing below it knows HTTP.
    """

    def __init__(
        self, code: str, message: str, *, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self._message = message
        self.field = field
        self.retry_after = retry_after

    @property
    def message(self) -> str:
        """The sentence, as text (a lazily translated one is translated now)."""
        return str(self._message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
