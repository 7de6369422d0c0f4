"""Strongroom: a Python package index with strong account security."""

__version__ = "0.1.0"
