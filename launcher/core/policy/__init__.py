"""The permissions of a program, and what applaunch denies it regardless of the catalog."""
