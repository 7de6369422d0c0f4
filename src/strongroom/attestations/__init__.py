"""Attestations (PEP 740): signed statements of who built a file, verified against the publisher that sent it. Pure, and offline."""
