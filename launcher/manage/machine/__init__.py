"""Commands for this machine: settings, PATH, completion, the private engine."""
