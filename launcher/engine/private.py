"""An engine of our own."""
