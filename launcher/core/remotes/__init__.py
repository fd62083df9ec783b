"""Remotes: source URLs, keys, signatures and the trust policy."""
