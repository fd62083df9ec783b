"""Image labels of other tools, converted to catalog entries."""
