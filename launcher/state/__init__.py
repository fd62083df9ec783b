"""The record: what is deployed, what was done and what ran; it knows no engine, no shim and no catalog."""
