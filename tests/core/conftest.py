"""Hypothesis has no deadline: on a busy machine one example may be slow."""

from hypothesis import settings

settings.register_profile("unhurried")
settings.load_profile("unhurried")
