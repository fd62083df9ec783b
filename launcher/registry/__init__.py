"""A registry itself, asked without an engine: its tags, manifests and blobs, and small things put there."""
