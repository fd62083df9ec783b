"""Other tools' ways to run a container, converted to catalog entries; nothing that is read is run."""
