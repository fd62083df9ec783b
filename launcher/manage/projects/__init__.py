"""Commands for projects: trust, sync and lock."""
