"""Every attack and fault that is tried on applaunch, counted: ``make attack``."""
