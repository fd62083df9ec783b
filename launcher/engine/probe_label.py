"""The label of containers that are never started: they are made to read files of an image, and removed."""

PROBE_LABEL = "applaunch.probe"
