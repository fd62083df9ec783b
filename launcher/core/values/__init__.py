"""Small value types used by many packages: each parses its own text and raises ValueError for bad input."""
