"""Security keys and passkeys (W3C WebAuthn Level 3): untrusted bytes in, facts or a refusal out; no database, no HTTP.

The only importer of py_webauthn, to which it adds the steps of §7.1 and §7.2 that the library leaves to its caller.
"""
