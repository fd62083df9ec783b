"""Sandboxes: when bubblewrap gives the same run as the engine, and its command line."""
