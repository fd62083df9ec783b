"""The bundle file format: written and verified."""
