"""`docker run` and `podman run` command lines, converted to catalog entries."""
