"""Compose files, converted to catalog entries."""
