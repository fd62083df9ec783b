"""HTTP for registries and remotes: limits of size and time, redirects, proxies, certificates."""
