"""Installers: the Simple API and downloads, as raw ASGI. Decides nothing; what it says comes through ``ports``."""
