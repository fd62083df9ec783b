"""Commands that run programs, and the pool of warm containers."""
