"""Decisions: values in, values out; nothing here looks at the clock, the environment or a file."""
