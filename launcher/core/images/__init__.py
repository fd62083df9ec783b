"""Images: the lock file, pull progress, shared layers and package databases."""
