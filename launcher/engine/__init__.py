"""The engine: which one, its words, its images, and the session that runs a spec."""
