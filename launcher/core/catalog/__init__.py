"""Catalog files: read, checked, merged by layer, and written."""
