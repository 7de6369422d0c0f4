"""Signing in: password, then factor, then session; step-up; password reset; and the changes that end other sessions."""
