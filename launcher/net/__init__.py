"""HTTP for registries and remotes: limits of size and time, redirects, proxies, certificates."""

from launcher.fast_stdlib import enable_site_packages

enable_site_packages()  # a launch has none of them, and urllib3 is one
