"""Images: lock files, pull progress, shared layers and package databases."""
