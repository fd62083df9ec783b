"""Shell text: aliases and functions of bash, zsh and fish, parsed and never run."""
