"""Other tools' words for a run of a container, read into entries of the catalog; nothing that is read is ever run."""
