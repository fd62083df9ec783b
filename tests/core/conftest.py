"""Time is no failure here: a busy machine may take as long as it likes over one example."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
