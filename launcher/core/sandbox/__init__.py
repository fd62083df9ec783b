"""Sandboxes: when bubblewrap gives the same run as the engine, and how it is told to."""
