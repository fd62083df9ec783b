"""Catalog files: parsing, checking, merging by layer, and editing."""
