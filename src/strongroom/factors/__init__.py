"""Second factors: authenticator apps (TOTP). Security keys, passkeys and recovery codes will live here too."""
