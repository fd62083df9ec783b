"""Remotes: source URLs, keys, signatures, and the policy for trusting catalogs."""
