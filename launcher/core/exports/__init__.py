"""Catalog entries in the form of other tools, as far as those can express them."""
