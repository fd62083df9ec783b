"""The bundle file format: writing and verification."""
