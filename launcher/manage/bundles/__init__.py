"""Commands for bundles: export, check and install."""
