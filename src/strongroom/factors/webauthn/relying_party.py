"""Who asks for a credential."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site, as authenticators and browsers know it; from configuration alone, never from ``Host`` (D8).

    ``id`` is a domain name (W3C WebAuthn §5.4.2), ``origins`` are whole origins such as ``https://index.example:8443``:
    one of them must be that of the client data, letter by letter.
    """

    id: str
    name: str
    origins: tuple[str, ...]
