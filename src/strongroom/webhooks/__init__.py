"""Webhooks: every event that concerns an instance, a project or an account, posted to an address of its owner (signed)."""
