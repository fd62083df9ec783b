"""Modules under the names by which older shims import them; `launcher.__path__` leads here."""
