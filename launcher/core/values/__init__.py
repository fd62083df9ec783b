"""Small values that many rooms use: each reads its own text and raises ValueError for bad input."""
