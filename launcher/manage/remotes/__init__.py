"""Commands for remotes and published catalogs: update, verify, publish, sign."""
